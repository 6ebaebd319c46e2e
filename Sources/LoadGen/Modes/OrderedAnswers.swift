import Bytes
import Measurement

/// For servers whose answers say nothing of the message they answer: the oldest that has none yet is meant.
struct OrderedAnswers {
  private struct Line {
    var stamps: [Stamp] = []
    var first = 0
  }

  private let text: [UInt8]
  private var lines: [Int: Line] = [:]

  /// Of one socket. Beyond it the oldest is not waited for any more, and is lost.
  private static let mostWaiting = 10_000

  /// Only what contains `text` is an answer.
  init(containing text: String) { self.text = Array(text.utf8) }

  mutating func expect(_ stamp: Stamp, of socket: Int) {
    lines[socket, default: Line()].stamps.append(stamp)
    if lines[socket].map({ $0.stamps.count - $0.first > Self.mostWaiting }) == true { advance(socket) }
  }

  /// The message this answers; nil for what is no answer.
  mutating func take(_ answer: Span<UInt8>, of socket: Int) -> Stamp? {
    guard let line = lines[socket], line.first < line.stamps.count, contains(answer) else { return nil }
    let stamp = line.stamps[line.first]
    advance(socket)
    return stamp
  }

  /// Its connection is gone, and with it all answers that had not come.
  mutating func forget(_ socket: Int) { lines[socket] = nil }

  private mutating func advance(_ socket: Int) {
    lines[socket]?.first += 1
    guard let first = lines[socket]?.first, first >= 64 else { return }
    lines[socket]?.stamps.removeFirst(first)
    lines[socket]?.first = 0
  }

  private func contains(_ answer: Span<UInt8>) -> Bool {
    if text.isEmpty { return true }
    guard answer.count >= text.count else { return false }
    for start in 0...answer.count - text.count where answer[start] == text[0] {
      if text.indices.allSatisfy({ answer[start + $0] == text[$0] }) { return true }
    }
    return false
  }
}
