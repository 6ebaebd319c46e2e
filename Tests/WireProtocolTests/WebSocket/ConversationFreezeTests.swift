import Bytes
import Testing
import WireProtocol

@Suite struct ConversationFreezeTests {
  static func frozen(_ conversation: Conversation) -> [UInt8] {
    var out = ByteBuffer()
    conversation.freeze(into: &out)
    return out.bytes.copied()
  }

  @Test("frozen and thawed after each byte, the same is heard", arguments: ConversationTests.roles)
  func everyByte(role: Conversation.Role) throws {
    let (script, expected) = ConversationTests.script(role)
    let long = [UInt8](repeating: 0x61, count: 5000)
    let bytes = frame(to: role, .text, long) + script
    var listener = Listener(role)
    for byte in bytes {
      listener.hear([byte])
      let form = Self.frozen(listener.conversation)
      #expect(form.count == Conversation.frozenSize)
      let thawed = try Conversation(thawing: form.span)
      #expect(thawed == listener.conversation)
      listener.conversation = thawed
    }
    #expect(listener.heard == [Heard(.text, long)] + expected)
  }

  @Test("a hostile form is refused or is one that freezes back to itself")
  func hostile() throws {
    var listener = Listener(.server)
    listener.hear(frame(to: .server, .text, Array("ab🚀".utf8)[..<4].map { $0 }, isFinal: false))
    let form = Self.frozen(listener.conversation)
    for index in form.indices {
      for value in UInt8.min...UInt8.max {
        var bent = form
        bent[index] = value
        guard let thawed = try? Conversation(thawing: bent.span) else { continue }
        #expect(Self.frozen(thawed) == bent)
      }
    }
    for count in 0..<form.count {
      let short = Array(form[..<count])
      #expect(throws: ThawError.self) { try Conversation(thawing: short.span) }
    }
    let long = form + [0]
    #expect(throws: ThawError.wrongSize) { try Conversation(thawing: long.span) }
  }
}
