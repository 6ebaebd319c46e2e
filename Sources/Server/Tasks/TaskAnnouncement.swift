import Bytes
import FleetState

/// What the bus is to carry of a change of a task: one entry for those who watch it, one for its client.
///
/// This is the one place that knows how the tasks' sockets are reached.
enum TaskAnnouncement {
  /// Head and payload in turn, as the scripts take them.
  static func words(_ event: TaskEvent, client: ClientID?) -> [String] {
    let json = event.json
    var words = [head(BusEntry(.task(event.id), form: .json)), json]
    if let client { words += [head(BusEntry(.direct(to: client), form: .json)), json] }
    return words
  }

  static func head(_ entry: BusEntry) -> String {
    var line = ByteBuffer()
    entry.encode(into: &line)
    return String(decoding: line.bytes.copied(), as: UTF8.self)
  }
}
