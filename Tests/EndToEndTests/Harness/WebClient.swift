import Glibc

/// A WebSocket client that a test can follow with a finger. It shares no code with the server on purpose.
final class WebClient {
  enum Message: Equatable {
    case text(String)
    case binary([UInt8])
    /// A text with RSV1: deflated.
    case compressed([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(Int?)
  }

  let upgrade: Reply
  /// The words of the server's close frame, once it has come.
  private(set) var goodbye = ""
  private let wire: Wire

  /// Throws unless the handshake ends in 101.
  init(port: UInt16, path: String, fields: [String] = []) throws {
    wire = try Wire(port: port)
    let lines =
      [
        "GET \(path) HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ] + fields
    try wire.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    upgrade = try Reply.read(from: wire, "the handshake")
    guard upgrade.status == 101 else { throw Refused(reply: upgrade) }
    guard upgrade.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
      throw Trouble("wrong accept key")
    }
  }

  struct Refused: Error {
    let reply: Reply
  }

  var localPort: UInt16 { wire.localPort }

  func send(_ text: String) throws { try send(opcode: 1, Array(text.utf8)) }

  func send(opcode: UInt8, _ payload: [UInt8]) throws {
    try send(frames: Self.frame(opcode: opcode, payload))
  }

  /// Bytes as they are: several frames at once, or broken ones.
  func send(frames: [UInt8]) throws { try wire.send(frames) }

  static func frame(opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
    var frame: [UInt8] = [0x80 | opcode]
    switch payload.count {
    case ..<126: frame.append(0x80 | UInt8(payload.count))
    case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
      frame.append(0x80 | 127)
      frame += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
    }
    let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    frame += mask
    frame += payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    return frame
  }

  func close(_ code: Int = 1000) throws {
    try send(opcode: 8, [UInt8(code >> 8), UInt8(code & 0xFF)])
  }

  /// The next frame; pings are answered and passed over.
  func next(within seconds: Double = 10, _ reason: String = "a message") throws -> Message {
    while true {
      let message = try frame(within: seconds, reason)
      guard case .ping(let payload) = message else { return message }
      try send(opcode: 10, payload)
    }
  }

  /// The next text, compressed or not, or the reason there is none.
  func text(within seconds: Double = 10, _ reason: String = "a text") throws -> String {
    let message = try next(within: seconds, reason)
    switch message {
    case .text(let text): return text
    case .compressed(let bytes): return String(decoding: try inflate(bytes), as: UTF8.self)
    case .binary, .ping, .pong, .close: throw Trouble("\(message) instead of \(reason)")
    }
  }

  /// Waits for the server's close frame, whatever comes before it; its code with its words.
  func ending(within seconds: Double = 10) throws -> String {
    let deadline = Deadline(seconds: seconds, "a close frame")
    while !deadline.isOver {
      if case .close(let code) = try next(within: seconds, deadline.reason) {
        return "\(code ?? 0) \(goodbye)"
      }
    }
    throw Trouble("waited \(seconds) s in vain: a close frame")
  }

  /// The next frame, whatever it is; nothing is answered.
  func frame(within seconds: Double = 10, _ reason: String = "a frame") throws -> Message {
    try frame(before: Deadline(seconds: seconds, reason))
  }

  /// What comes in so short a time, if anything does.
  func look(for seconds: Double) -> Message? { try? frame(before: .look(seconds: seconds, "a look")) }

  private func frame(before deadline: Deadline) throws -> Message {
    try wire.take(before: deadline) { bytes in
      guard bytes.count >= 2 else { return nil }
      var start = 2
      var count = Int(bytes[1] & 0x7F)
      if bytes[1] & 0x80 != 0 { throw Trouble("a masked frame from a server") }
      if count >= 126 {
        let width = count == 126 ? 2 : 8
        guard bytes.count >= 2 + width else { return nil }
        count = bytes[2..<2 + width].reduce(0) { $0 << 8 | Int($1) }
        start = 2 + width
      }
      guard bytes.count >= start + count else { return nil }
      let payload = Array(bytes[start..<start + count])
      if bytes[0] == 0x88 { goodbye = String(decoding: payload.dropFirst(2), as: UTF8.self) }
      return (try Self.message(bytes[0], payload), start + count)
    }
  }

  private static func message(_ first: UInt8, _ payload: [UInt8]) throws -> Message {
    switch first {
    case 0x81: return .text(String(decoding: payload, as: UTF8.self))
    case 0xC1: return .compressed(payload)
    case 0x82: return .binary(payload)
    case 0x88: return .close(payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil)
    case 0x89: return .ping(payload)
    case 0x8A: return .pong(payload)
    default: throw Trouble("a frame that begins with \(first)")
    }
  }
}
