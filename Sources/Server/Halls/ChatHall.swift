import Bytes
import EventLoop
import FleetState
import JSONText
import WireProtocol

/// The hall `chat`: each session's texts are counted and given back to it, and the count outlives the socket.
///
/// The count lies in the socket's record and changes with the message that is counted; `SessionCounts` carries it to
/// Redis, so that the session goes on counting wherever it comes back.
final class ChatHall {
  private let sockets: Sockets
  private let counts: SessionCounts
  private var scratch = ByteBuffer()

  private static let kept = 64 << 10

  init(_ sockets: Sockets, counts: SessionCounts) {
    self.sockets = sockets
    self.counts = counts
  }

  func heard(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    // Only texts are counted.
    guard opcode == .text, let words = Self.trimmed(payload) else { return }
    if words.equalsIgnoringCase("goodbye") {
      sayBye(stream, reason: nil)
      return sockets.close(stream, .normal)
    }
    sockets[stream].said &+= 1
    counts.note(stream)
    say(to: stream) { out in
      out.append("{\"count\": ")
      out.append(decimal: sockets[stream].said)
      out.append(", \"session_id\": \"")
      sockets.name(of: stream)?.appendName(to: &out)
      out.append("\", \"message\": ")
      JSONWriter.append(string: payload, to: &out)
      out.append("}")
    }
  }

  /// The heartbeat to the hall, each socket in its own phase.
  func notice(_ stream: StreamID) {
    say(to: stream) { out in
      out.append("{\"type\": \"heartbeat\", \"ts\": \"")
      out.append(Timestamp(unixNanoseconds: WallClock.unixNanoseconds).description)
      out.append("\"}")
    }
  }

  /// A drain is about to close it: what it said has been counted and answered.
  func farewell(_ stream: StreamID) { sayBye(stream, reason: "server_shutdown") }

  /// From now on its count has to last until it comes back.
  func left(_ stream: StreamID) { counts.note(stream) }

  private func sayBye(_ stream: StreamID, reason: StaticString?) {
    say(to: stream) { out in
      out.append("{\"bye\": true, \"total\": ")
      out.append(decimal: sockets[stream].said)
      if let reason {
        out.append(", \"reason\": \"")
        out.append(reason)
        out.append("\", \"inflight_completed\": true")
      }
      out.append("}")
    }
  }

  private func say(to stream: StreamID, _ render: (inout ByteBuffer) -> Void) {
    scratch.clear()
    render(&scratch)
    sockets.say(.text, "", scratch.bytes, to: stream)
    scratch.clear()
    scratch.trim(above: Self.kept)
  }

  /// Without the blanks around it; nil when nothing else is there.
  @_lifetime(copy text)
  static func trimmed(_ text: Span<UInt8>) -> Span<UInt8>? {
    var (start, end) = (0, text.count)
    while start < end, isBlank(text[start]) { start += 1 }
    while end > start, isBlank(text[end - 1]) { end -= 1 }
    let words = text.extracting(start..<end)
    return words.isEmpty || isWideBlank(words) ? nil : words
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// Unicode has more blanks than ASCII; few texts begin with one.
  private static func isWideBlank(_ text: Span<UInt8>) -> Bool {
    guard text[0] >= 0x80, text.count <= 1024 else { return false }
    return String(decoding: text.copied(), as: UTF8.self).allSatisfy(\.isWhitespace)
  }
}
