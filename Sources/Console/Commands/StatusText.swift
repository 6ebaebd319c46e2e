import FleetState
import TextUI

/// What subcommands print for people: the tables of the pages, without a screen.
enum StatusText {
  private static let widest = 1024

  static func status(_ snapshot: Snapshot) -> String {
    let all = Reach(snapshot, .all)
    let counts = [(all.hosts.count, "host"), (all.workers, "worker"), (all.sockets, "socket")]
    let words = all.hosts.isEmpty ? ["no host is serving"] : counts.map { Reach.count($0, $1) }
    var lines = [
      "\(snapshot.namespace): " + (words + ["redis \(snapshot.redis.rawValue)"]).joined(separator: ", ")
    ]
    for host in snapshot.hosts {
      var line =
        "\(host.record.id)  \(host.record.state.rawValue)  \(Reach.count(host.sockets.total, "socket"))"
      line += "  \(host.record.listen.joined(separator: " "))"
      if let drain = host.record.drain {
        line += "  drain \(drain.phase.rawValue): \(drain.open) of \(drain.total) open, "
        line += "\(drain.remaining.components.seconds)s left"
      }
      if let roll = host.record.roll, !roll.phase.isEnd { line += "  \(roll.kind.rawValue) \(roll.sentence)" }
      lines.append(line)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  static func workers(_ snapshot: Snapshot) -> String {
    var view = View()
    view.snapshot = snapshot
    view.selected = -1
    view.redis = .up
    var canvas = Canvas(Size(118, snapshot.workers + 3))
    // Without the screen's margin.
    WorkersPage.draw(view, snapshot, on: &canvas, in: Rect(-1, 0, 120, canvas.size.height))
    return canvas.lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }

  static func events(_ events: [View.Line]) -> String {
    if events.isEmpty { return "no events\n" }
    var view = View()
    for line in events { view.chronicle.add(line) }
    // Wider than any of them: what a script reads is not cut.
    var canvas = Canvas(Size(widest, events.count))
    EventLines.draw(view, on: &canvas, in: canvas.bounds)
    return canvas.lines.joined(separator: "\n") + "\n"
  }
}
