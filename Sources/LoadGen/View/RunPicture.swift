import Measurement
import TextUI

/// A run at one moment, as a picture of it needs it.
struct RunScene {
  var url = ""
  var wanted = 0
  /// Nanoseconds of the run.
  var elapsed: UInt64 = 0
  var duration: UInt64 = 0
  var series = RunSeries()
  var restarts: [RestartRecord] = []
  /// What was said, newest last.
  var notes: [String] = []
  var isPaused = false
  var isStopping = false

  static let mostNotes = 50
}

/// The run drawn: how many are open, four charts over time, latency, drops by cause, restarts and notes.
enum RunPicture {
  static func draw(_ scene: RunScene, size: Size, isASCII: Bool = false) -> Canvas {
    var canvas = Canvas(size, isASCII: isASCII)
    let rows = canvas.bounds.rows(
      .fixed(2), .share(1), .fixed(4), .fixed(size.height >= 30 ? 7 : 4), .fixed(1))
    head(scene, on: &canvas, in: rows[0])
    charts(scene, on: &canvas, in: rows[1])
    latency(scene, on: &canvas, in: rows[2])
    events(scene, on: &canvas, in: rows[3])
    keys(scene, on: &canvas, in: rows[4])
    return canvas
  }

  private static func head(_ scene: RunScene, on canvas: inout Canvas, in area: Rect) {
    let top = area.row(0)
    canvas.line(" wsload \(scene.url)", .title, in: top)
    let state = scene.isPaused ? "paused  " : scene.isStopping ? "stopping  " : ""
    let clock =
      "\(Words.duration(seconds: Int(scene.elapsed / 1_000_000_000))) of "
      + Words.duration(seconds: Int(scene.duration / 1_000_000_000)) + " "
    canvas.line(state + clock, scene.isPaused ? .warning : .normal, in: top, align: .right)
    let open = scene.series.open.last ?? 0
    let words = " \(Words.grouped(open)) of \(Words.grouped(scene.wanted)) sockets open "
    let row = area.row(1)
    canvas.line(words, open < scene.wanted ? .warning : .good, in: row)
    let width = displayWidth(words)
    Gauge(Double(open) / Double(max(1, scene.wanted)))
      .draw(on: &canvas, in: Rect(row.x + width, row.y, row.width - width - 1, row.height))
  }

  // MARK: Charts

  private static func charts(_ scene: RunScene, on canvas: inout Canvas, in area: Rect) {
    let series = scene.series
    // A step that is not over would look like a collapse.
    let isPartial = UInt64(series.steps.count) * series.stepNanoseconds > scene.elapsed + RunSeries.finest
    let steps = series.steps.dropLast(isPartial ? 1 : 0)
    let open = series.open.prefix(steps.count).map(Double.init)
    func rate(_ field: KeyPath<SeriesStep, Int>) -> [Double] {
      steps.map { Double($0[keyPath: field]) / series.stepSeconds }
    }
    // Unpacked for what can be seen only.
    let slowest = steps.suffix(2 * area.width).map { Double($0.latency.histogram.percentile(99)) / 1000 }
    let drops = steps.map { Double($0.drops.total) / series.stepSeconds }
    let pictures = [
      Chart("answers /s", rate(\.received)),
      Chart("p99 latency", slowest, .warning, unit: .microseconds),
      Chart("sockets", open, .good),
      Chart("drops /s", drops, .bad),
    ]
    let places = area.rows(.share(1), .share(1)).flatMap { row in
      let columns = row.columns(.fixed(1), .share(1), .fixed(2), .share(1), .fixed(1))
      return [columns[1], columns[3]]
    }
    for (picture, place) in zip(pictures, places) {
      picture.draw(on: &canvas, in: place)
      mark(scene, steps.count, on: &canvas, in: place)
    }
  }

  /// Where a restart began, in the uppermost row of a chart.
  private static func mark(_ scene: RunScene, _ steps: Int, on canvas: inout Canvas, in place: Rect) {
    guard place.height >= 2 else { return }
    for record in scene.restarts where record.state != .planned {
      let step = Int(clamping: record.began / scene.series.stepNanoseconds)
      let column = place.width - 1 - (steps - 1 - step) / (canvas.isASCII ? 1 : 2)
      guard step < steps, column >= 0 else { continue }
      canvas.text(canvas.isASCII ? "v" : "▼", .key, x: place.x + column, y: place.y + 1, in: place)
    }
  }

  // MARK: Figures

  private static func latency(_ scene: RunScene, on canvas: inout Canvas, in area: Rect) {
    let recent = Int(5_000_000_000 / min(5_000_000_000, scene.series.stepNanoseconds))
    var last = PackedHistogram()
    for step in scene.series.steps.suffix(recent) { last.merge(step.latency) }
    let rows = [
      ("", ["p50", "p90", "p99", "p99.9", "max"]),
      ("latency, last steps", times(last.histogram)),
      ("latency so far", times(scene.series.total.latency.histogram)),
    ]
    for (index, (name, cells)) in rows.enumerated() {
      let row = area.row(index + 1)
      canvas.text(" " + name, .heading, x: row.x, y: row.y, in: row)
      for (place, cell) in cells.enumerated() {
        let place = Rect(row.x + 22 + 11 * place, row.y, 10, row.height)
        canvas.line(cell, index == 0 ? .dim : .normal, in: place, align: .right)
      }
    }
  }

  private static func times(_ histogram: Histogram) -> [String] {
    [50, 90, 99, 99.9, 100].map { percent in
      if histogram.isEmpty { return "-" }
      let value = percent == 100 ? histogram.max : histogram.percentile(percent)
      return Words.time(microseconds: Double(value) / 1000)
    }
  }

  /// Drops by cause; then the restarts and the notes there is room for, newest last.
  private static func events(_ scene: RunScene, on canvas: inout Canvas, in area: Rect) {
    let drops = scene.series.total.drops
    let causes = drops.sorted.map { "\($0.cause.text) \(Words.grouped($0.count))" }.joined(separator: ", ")
    let back = scene.series.total.reconnects
    let first = area.row(0)
    canvas.line(
      drops.total == 0
        ? " no drops" : " \(Words.grouped(drops.total)) drops: \(causes); \(Words.grouped(back)) came back",
      drops.total == 0 ? .good : .bad, in: first)
    let planned = scene.restarts.filter { $0.state == .planned }.map { "to come: \($0.words)" }
    let lines = (scene.notes + planned).suffix(max(0, area.height - 1))
    for (index, line) in lines.enumerated() { canvas.line(" " + line, in: area.row(index + 1)) }
  }

  private static func keys(_ scene: RunScene, on canvas: inout Canvas, in area: Rect) {
    var x = area.x + 1
    let goesOn = scene.isPaused ? "go on with the picture" : "pause the picture"
    for (key, words) in [("q", "stop, with a verdict"), ("p", goesOn)] {
      x += canvas.text(key, .key, x: x, y: area.y, in: area)
      x += canvas.text(" \(words)   ", .dim, x: x, y: area.y, in: area)
    }
  }
}
