import FleetState
import TextUI

/// Whom a command reaches: what a question about it has to name.
struct Reach {
  let target: ControlCommand.Target
  let hosts: [Snapshot.Host]
  let workers: Int
  let sockets: Int

  init(_ snapshot: Snapshot, _ target: ControlCommand.Target) {
    self.target = target
    hosts = snapshot.hosts.filter { target.includes($0.record.id) }
    switch target {
    case .all, .host:
      workers = hosts.reduce(0) { $0 + $1.workers.count }
      sockets = hosts.reduce(0) { $0 + $1.sockets.total }
    case .worker(_, let slot):
      let reached = hosts.flatMap(\.workers).filter { $0.slot == slot }
      workers = reached.count
      sockets = reached.reduce(0) { $0 + $1.sockets.total }
    }
  }

  /// `2 hosts`, `web-1`, `worker web-1/3`
  var name: String {
    switch target {
    case .all: hosts.count == 1 ? "1 host" : "\(hosts.count) hosts"
    case .host(let host): host.text
    case .worker: "worker \(target.text)"
    }
  }

  /// `4,999 sockets on 2 workers`
  var extent: String { "\(Self.count(sockets, "socket")) on \(Self.count(workers, "worker"))" }

  static func count(_ number: Int, _ noun: String) -> String {
    "\(Words.grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// What the last rolls tell about the next; hosts roll side by side, so the slowest one counts.
  var forecast: String? {
    let forecasts = hosts.map { host in
      RollForecast(
        workers: hosts.count == 1 ? workers : host.workers.count, sockets: host.sockets.total,
        last: host.record.roll)
    }
    guard let time = forecasts.compactMap(\.expected).max(),
      let freeze = forecasts.compactMap(\.freezeMicros).max()
    else { return nil }
    return "As the last time: about \(Self.time(time)), each socket held still for at most "
      + "\(Words.time(microseconds: Double(freeze)))."
  }

  static func time(_ time: Duration) -> String {
    time < .seconds(60)
      ? Words.time(microseconds: Double(time.wholeMilliseconds) * 1000)
      : Words.duration(seconds: Int(clamping: time.components.seconds))
  }
}
