import Bytes
import FleetState
import JSONText
import TextUI

/// Sockets as their workers list them: all are counted, those that have been open longest are kept to be shown.
struct OpenSockets: Equatable {
  /// How many a script is shown.
  static let most = 1000

  private let filter: SocketFilter
  private let most: Int
  private var lines: [SocketLine] = []
  private(set) var total = 0

  init(_ filter: SocketFilter, most: Int = Self.most) {
    self.filter = filter
    self.most = most
  }

  mutating func add(_ line: SocketLine) {
    guard filter.matches(line) else { return }
    total += 1
    lines.append(line)
    // Sorted now and then, so that a million of them cost neither memory nor a sort each.
    if lines.count >= 4 * most { lines = oldest }
  }

  var oldest: [SocketLine] { Array(lines.sorted(by: SocketLine.isOlder).prefix(most)) }

  // MARK: Rendering

  func text(now: Int64) -> String {
    if total == 0 { return "no sockets\n" }
    let shown = oldest
    let rows = [["socket", "hall", "client", "peer", "open"]] + shown.map { Self.row($0, now) }
    let widths = rows[0].indices.map { column in rows.map { displayWidth($0[column]) }.max() ?? 0 }
    var text = ""
    for row in rows {
      for (column, word) in row.enumerated() {
        text += word
        let isLast = column == row.count - 1
        text += isLast ? "\n" : String(repeating: " ", count: widths[column] - displayWidth(word) + 2)
      }
    }
    if total > shown.count { text += "and \(Words.grouped(total - shown.count)) more\n" }
    return text
  }

  private static func row(_ line: SocketLine, _ now: Int64) -> [String] {
    let since = Int64(clamping: line.socket.since)
    return [
      line.name, line.socket.hall.name,
      line.socket.client.map { printable($0.text) } ?? "-", printable(line.socket.peer),
      Words.duration(seconds: Int(max(0, now.subtractingReportingOverflow(since).partialValue) / 1000)),
    ]
  }

  var json: String {
    let shown = oldest
    var writer = JSONWriter(style: .pretty)
    writer.beginObject()
    writer.member("total", total)
    writer.member("more", total - shown.count)
    writer.array("sockets") { writer in
      for line in shown {
        writer.beginObject()
        writer.member("host", line.host.text)
        writer.member("slot", line.slot)
        writer.member("id", line.connection)
        writer.member("hall", line.socket.hall.name)
        writer.member("client", orNull: line.socket.client?.text)
        writer.member("peer", line.socket.peer)
        writer.member("since", line.socket.since)
        writer.endObject()
      }
    }
    writer.endObject()
    return writer.text + "\n"
  }
}
