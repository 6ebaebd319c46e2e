import TextUI

/// Four curves of the fleet, up to some moment.
enum FleetCharts {
  static func draw(
    _ seconds: some Collection<History.Second>, on canvas: inout Canvas, in area: Rect
  ) {
    // What no screen could show is not looked at.
    let seen = seconds.suffix(2 * canvas.size.width)
    let series = { (figure: KeyPath<History.Second, Int>) in seen.map { Double($0[keyPath: figure]) } }
    let charts = [
      Chart("sockets", series(\.sockets)),
      Chart("messages in /s", series(\.messagesIn)),
      Chart("deliveries /s", series(\.deliveries)),
      Chart("loop lag", series(\.lagMicros), .warning, unit: .microseconds),
    ]
    let rows = area.rows(.share(1), .share(1))
    for (index, chart) in charts.enumerated() {
      let cell = rows[index / 2].columns(.share(1), .share(1))[index % 2]
      chart.draw(on: &canvas, in: Rect(cell.x + 1, cell.y, cell.width - 2, cell.height))
    }
  }
}
