import FleetState
import TextUI

/// Four curves of the fleet, up to some moment.
enum FleetCharts {
  /// Up to now. Where nobody is left, the last figures are nobody's.
  static func draw(_ view: View, on canvas: inout Canvas, in area: Rect) {
    let isOver = view.snapshot?.hosts.isEmpty == true
    draw(view.history.seconds, isOver: isOver, on: &canvas, in: area)
  }

  static func draw(
    _ seconds: some Collection<History.Second>, isOver: Bool = false, on canvas: inout Canvas, in area: Rect
  ) {
    // What no screen could show is not looked at.
    let seen = seconds.suffix(2 * canvas.size.width)
    let series = { (figure: KeyPath<History.Second, Int>) in
      seen.map { $0.isKnown ? Double($0[keyPath: figure]) : .nan } + (isOver ? [.nan] : [])
    }
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
