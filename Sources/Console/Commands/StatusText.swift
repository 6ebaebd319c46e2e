import FleetState
import TextUI

/// What subcommands print for people: the tables of the pages, without a screen.
enum StatusText {
  static func status(_ snapshot: Snapshot) -> String {
    var lines = [
      "\(snapshot.namespace): \(snapshot.hosts.count) hosts, \(snapshot.workers) workers, "
        + "\(Words.grouped(snapshot.sockets.total)) sockets, redis \(snapshot.redis.rawValue)"
    ]
    for host in snapshot.hosts {
      var line =
        "\(host.record.id)  \(host.record.state.rawValue)  \(Words.grouped(host.sockets.total)) sockets"
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
    var canvas = Canvas(Size(120, snapshot.workers + 3))
    WorkersPage.draw(view, snapshot, on: &canvas, in: canvas.bounds)
    return canvas.lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }

  static func events(_ events: [View.Line]) -> String {
    var view = View()
    for line in events { view.chronicle.add(line) }
    var canvas = Canvas(Size(140, events.count))
    EventLines.draw(view, on: &canvas, in: canvas.bounds)
    return canvas.lines.joined(separator: "\n") + "\n"
  }
}
