import FleetState
import TextUI

/// A roll on its way: each worker a bar as long as it has sockets, in the colour of what has become of it.
enum RollPanel {
  /// Returns how many rows it took.
  static func draw(
    _ host: Snapshot.Host, _ roll: RollProgress, on canvas: inout Canvas, in room: Rect
  ) -> Int {
    head(host, roll, on: &canvas, in: room)
    let most = max(0, room.height - 4)
    let shown = window(host.workers, around: roll.slot, most: most)
    let widest = max(1, host.workers.map(\.sockets.total).max() ?? 1)
    for (index, worker) in shown.enumerated() {
      row(worker, roll, widest, on: &canvas, in: room.row(2 + index))
    }
    let y = 2 + shown.count
    foot(roll, on: &canvas, in: room.row(y))
    if roll.phase == .paused || roll.phase == .waiting {
      canvas.line(roll.sentence, .warning, in: room.row(y + 1))
      return y + 2
    }
    return y + 1
  }

  private static func head(
    _ host: Snapshot.Host, _ roll: RollProgress, on canvas: inout Canvas, in room: Rect
  ) {
    let title = room.row(0)
    let way = roll.way == .forward ? "" : ", taken back"
    canvas.text("\(host.record.id)  \(roll.kind.rawValue)\(way)", .heading, x: title.x, y: title.y, in: title)
    canvas.line(phase(roll), roll.isHeld ? .warning : .accent, in: title, align: .right)
    let parts = room.row(1).columns(.share(1), .fixed(28))
    var bars = [StackedBar.Part(roll.done, .good, sign: "#")]
    if roll.phase == .preparing || roll.phase == .handover || roll.phase == .proving {
      bars.append(StackedBar.Part(1, .warning, sign: "+"))
    }
    bars.append(StackedBar.Part(roll.of - bars.reduce(0) { $0 + $1.count }, .dim, sign: "."))
    StackedBar(bars).draw(on: &canvas, in: parts[0])
    canvas.line("\(roll.done) of \(Reach.count(roll.of, "worker"))", in: parts[1], align: .right)
  }

  private static func phase(_ roll: RollProgress) -> String {
    let slot = roll.slot.map { " \($0)" } ?? ""
    let more = roll.isHeld ? ", then held" : ""
    switch roll.phase {
    case .preparing: return "worker\(slot): getting ready\(more)"
    case .handover: return "worker\(slot): taking over\(more)"
    case .proving: return "worker\(slot): proving itself\(more)"
    case .waiting: return "waiting"
    case .paused: return "paused"
    case .stopped: return "stopped"
    case .done: return "done"
    case .takenback: return "taken back"
    }
  }

  private static func row(
    _ worker: WorkerRecord, _ roll: RollProgress, _ widest: Int, on canvas: inout Canvas, in line: Rect
  ) {
    let (word, style) = state(worker, roll)
    let parts = line.columns(.fixed(5), .share(1), .fixed(28))
    canvas.line("\(worker.slot)", .dim, in: Rect(parts[0].x, parts[0].y, 3, parts[0].height), align: .right)
    let share = Double(worker.sockets.total) / Double(widest)
    Gauge(share, style).draw(on: &canvas, in: parts[1])
    let count = Words.grouped(worker.sockets.total)
    canvas.line("\(count)  \(word)", style, in: parts[2], align: .right)
  }

  private static func state(_ worker: WorkerRecord, _ roll: RollProgress) -> (String, Style) {
    switch roll.state(of: worker.slot) {
    case .old: ("as before", .dim)
    case .inWork: ("in work  ", .warning)
    case .replaced: ("replaced ", .good)
    }
  }

  /// As many as there is room for, the one in work among them.
  private static func window(_ workers: [WorkerRecord], around slot: Int?, most: Int) -> ArraySlice<
    WorkerRecord
  > {
    if workers.count <= most { return workers[...] }
    let here = workers.firstIndex { $0.slot == slot } ?? 0
    let first = max(0, min(here - most / 2, workers.count - most))
    return workers[first..<first + most]
  }

  private static func foot(_ roll: RollProgress, on canvas: inout Canvas, in row: Rect) {
    // In the words of the events below: the same figure is not written in two ways.
    let freeze = Duration.microseconds(roll.longestFreezeMicros).words
    canvas.phrases(
      [
        ("handed over \(Words.grouped(roll.handed))", .good), ("longest freeze \(freeze)", .normal),
        (roll.spent.words, .dim),
      ], in: row)
  }

  /// The end of the last roll in one line.
  static func last(_ host: Snapshot.Host, _ roll: RollProgress, on canvas: inout Canvas, in row: Rect) {
    let style: Style = roll.phase == .stopped ? .bad : .dim
    canvas.line("\(host.record.id)  last \(roll.kind.rawValue) \(roll.sentence)", style, in: row)
  }
}
