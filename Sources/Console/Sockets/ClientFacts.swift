import FleetState
import TextUI

/// What Redis knows of a client, beside the socket it is found by.
extension Inspection {
  static func of(_ line: SocketLine, now: Int64) -> Inspection {
    let since = Int64(clamping: line.socket.since)
    let age = max(0, now.subtractingReportingOverflow(since).partialValue) / 1000
    return Inspection(
      line.socket.client.map { "client \($0)" } ?? "socket \(line.name)",
      [
        ("socket", line.name), ("hall", line.socket.hall.name), ("peer", line.socket.peer),
        (
          "open", "\(Words.duration(seconds: Int(clamping: age))), since \(Clock.time(line.socket.since)) UTC"
        ),
      ])
  }

  /// The same with the client's record: groups, and what was kept for it.
  static func of(_ line: SocketLine, record: [(String, String)], now: Int64) -> Inspection {
    var inspection = of(line, now: now)
    let groups = record.compactMap { $0.0.hasPrefix("g:") ? String($0.0.dropFirst(2)) : nil }.sorted()
    let data = record.filter { $0.0.hasPrefix("d:") }.sorted { $0.0 < $1.0 }
    inspection.facts.append(("groups", groups.isEmpty ? "none" : groups.joined(separator: ", ")))
    inspection.facts.append(("data", data.isEmpty ? "none" : Reach.count(data.count, "key")))
    for (name, value) in data.prefix(mostData) {
      inspection.facts.append((Words.cut(name.dropFirst(2), width: 24), String(value.prefix(longestDatum))))
    }
    return inspection
  }

  private static let mostData = 100
  private static let longestDatum = 1000
}
