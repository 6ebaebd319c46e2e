import Bytes
import Testing
import WireProtocol

@Suite struct ConversationTests {
  static let roles: [Conversation.Role] = [.server, .client]

  /// Every kind of frame, a scalar cut between fragments, a ping in between, and a close.
  static func script(_ role: Conversation.Role) -> (bytes: [UInt8], heard: [Heard]) {
    let rocket = Array("🚀".utf8)
    let bytes =
      frame(to: role, .text, "hello") + frame(to: role, .binary, [0, 255])
      + frame(to: role, .text, Array(rocket[..<2]), isFinal: false) + frame(to: role, .ping, "p")
      + frame(to: role, .continuation, Array(rocket[2...])) + frame(to: role, .text, "")
      + frame(to: role, .pong, "") + frame(to: role, .close, [0x03, 0xE8, 0x6F, 0x6B])
    let heard = [
      Heard(.text, "hello"), Heard(.binary, [0, 255]), Heard(.ping, "p"), Heard(.text, "🚀"),
      Heard(.text), Heard(.pong), Heard(.close(code: .normal), "ok"),
    ]
    return (bytes, heard)
  }

  @Test("it is plain data of at most 96 bytes")
  func size() {
    #expect(MemoryLayout<Conversation>.stride <= 96)
  }

  @Test("cut in two anywhere, the same is heard", arguments: roles)
  func splits(role: Conversation.Role) {
    let (bytes, expected) = Self.script(role)
    for cut in 0...bytes.count {
      var listener = Listener(role)
      listener.hear(Array(bytes[..<cut]))
      listener.hear(Array(bytes[cut...]))
      #expect(listener.heard == expected, "cut at \(cut)")
      #expect(listener.violation == nil)
      #expect(listener.conversation.isFinished && listener.unread.isEmpty)
    }
  }

  @Test("byte by byte, or frame by frame, the same is heard", arguments: roles)
  func drops(role: Conversation.Role) {
    let (bytes, expected) = Self.script(role)
    var slow = Listener(role)
    for byte in bytes { slow.hear([byte]) }
    #expect(slow.heard == expected)
    var paced = Listener(role)
    paced.hear(bytes, atMost: 1)
    #expect(paced.heard == [expected[0]])
    for _ in 0..<8 { paced.hear([], atMost: 1) }
    #expect(paced.heard == expected)
  }

  @Test(
    "a message of any length arrives whole, in any pieces",
    arguments: roles, [0, 1, 125, 126, 127, 4082, 4096, 4097, 65535, 65536])
  func lengths(role: Conversation.Role, length: Int) {
    let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let bytes = frame(to: role, .binary, payload)
    for piece in [bytes.count, 1021, 4096] {
      var listener = Listener(role)
      var next = 0
      while next < bytes.count {
        let end = min(next + piece, bytes.count)
        listener.hear(Array(bytes[next..<end]))
        next = end
        #expect(listener.unread.count <= 4096)
      }
      let isRight = listener.heard == [Heard(.binary, payload)]
      #expect(isRight && listener.violation == nil)
    }
  }

  @Test("each first byte is either a frame's or refused", arguments: 0...255)
  func firstByte(byte: Int) {
    var listener = Listener(.client)
    listener.hear([UInt8(byte), 0])
    let opcode = byte & 0x0F
    let isFinal = byte & 0x80 != 0
    let expected: Violation? =
      if byte & 0x30 != 0 {
        .reservedBits
      } else if Opcode(rawValue: UInt8(opcode)) == nil {
        .reservedOpcode
      } else if opcode > 7 && !isFinal {
        .fragmentedControl
      } else if byte & 0x40 != 0 {
        .reservedBits
      } else if opcode == 0 {
        .strayContinuation
      } else {
        nil
      }
    #expect(listener.violation == expected)
    #expect(listener.conversation.isFinished == (expected != nil || opcode == 8))
  }

  @Test("what a peer may not send has a name and a code")
  func refusals() {
    let cases: [(Conversation.Role, [UInt8], Violation)] = [
      (.server, [0x81, 0x00], .maskMissing),
      (.client, [0x81, 0x80, 1, 2, 3, 4], .maskUnasked),
      (.client, [0x89, 126], .longControl),
      (.client, [0x82, 126, 0, 125], .paddedLength),
      (.client, [0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .paddedLength),
      (.client, [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], .hugeLength),
      (.client, [0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255], .messageTooBig),
      (.client, [0x01, 0x00, 0x81, 0x00], .interleavedMessage),
      (.client, [0x88, 0x01, 0x03], .shortClose),
      (.client, [0x88, 0x02, 0x03, 0xED], .closeCodeForbidden),
      (.client, [0x88, 0x03, 0x03, 0xE8, 0xFF], .invalidText),
      (.client, [0x81, 0x02, 0xC3, 0x28], .invalidText),
      (.client, [0x81, 0x05, 0xED, 0xA0], .invalidText),  // early: three bytes are still to come
      (.client, [0x81, 0x01, 0xC3], .invalidText),
      (.client, [0x01, 0x01, 0xC3, 0x80, 0x00], .invalidText),
    ]
    for (role, bytes, violation) in cases {
      var listener = Listener(role)
      listener.hear(bytes)
      #expect(listener.violation == violation, "\(bytes)")
      listener.hear(frame(to: role, .text, "more"))
      #expect(listener.heard.isEmpty && listener.unread.isEmpty)
      #expect(violation.code.isAllowedOnTheWire && violation.reason.utf8.count <= 123)
    }
  }

  @Test("the limits hold at the byte and at the fragment")
  func limits() {
    let limits = MessageLimits(message: 10, fragments: 3)
    let head = frame(to: .server, .binary, [1, 2, 3, 4, 5], isFinal: false)
    var fits = Listener(.server, limits: limits)
    fits.hear(head + frame(to: .server, .continuation, [6, 7, 8, 9, 10]))
    #expect(fits.heard == [Heard(.binary, Array(1...10))])
    var big = Listener(.server, limits: limits)
    big.hear(head + frame(to: .server, .continuation, [6, 7, 8, 9, 10, 11]))
    #expect(big.violation == .messageTooBig)
    let empty = frame(to: .server, .continuation, [], isFinal: false)
    var many = Listener(.server, limits: limits)
    many.hear(head + empty + empty)
    #expect(many.violation == nil)
    many.hear(empty)
    #expect(many.violation == .tooManyFragments)
  }

  @Test("after our close, data is dropped and the peer's close ends it")
  func beginClose() {
    var listener = Listener(.server)
    listener.hear(frame(to: .server, .text, "half", isFinal: false))
    listener.conversation.beginClose()
    #expect(listener.conversation.isClosing && !listener.conversation.isFinished)
    listener.hear(frame(to: .server, .continuation, "rest") + frame(to: .server, .ping, ""))
    listener.hear(frame(to: .server, .binary, [UInt8](repeating: 1, count: 9000)))
    #expect(listener.heard.isEmpty)
    listener.hear(frame(to: .server, .close, [0x03, 0xE8]))
    #expect(listener.heard == [Heard(.close(code: .normal))])
    #expect(listener.conversation.isFinished)
    let held = listener.store.count
    #expect(held == 0)
  }

  @Test("random messages in random pieces are heard as sent", arguments: [1, 20, 300] as [UInt64])
  func random(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for role in Self.roles {
      var bytes: [UInt8] = []
      var expected: [Heard] = []
      for _ in 0..<200 {
        let payload = (0..<Int.random(in: 0...6000, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        let cuts = Int.random(in: 0...3, using: &random)
        let size = payload.count / (cuts + 1)
        for part in 0...cuts {
          let end = part == cuts ? payload.count : (part + 1) * size
          bytes += frame(
            to: role, part == 0 ? .binary : .continuation, Array(payload[part * size..<end]),
            isFinal: part == cuts, key: UInt32.random(in: 0...UInt32.max, using: &random))
          if part < cuts, Bool.random(using: &random) {
            bytes += frame(to: role, .ping, [UInt8(part)])
            expected.append(Heard(.ping, [UInt8(part)]))
          }
        }
        expected.append(Heard(.binary, payload))
      }
      var listener = Listener(role)
      var next = 0
      while next < bytes.count {
        let end = min(next + Int.random(in: 1...5000, using: &random), bytes.count)
        listener.hear(Array(bytes[next..<end]))
        next = end
      }
      let isSame = listener.heard == expected
      #expect(isSame && listener.violation == nil, "seed \(seed)")
    }
  }
}
