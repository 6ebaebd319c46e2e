import Bytes
import WireProtocol

struct Heard: Equatable {
  var event: Conversation.Event
  var bytes: [UInt8]

  init(_ event: Conversation.Event, _ bytes: [UInt8] = []) {
    self.event = event
    self.bytes = bytes
  }

  init(_ event: Conversation.Event, _ text: String) { self.init(event, Array(text.utf8)) }
}

/// One conversation with its store and its unread rest, as a stream would drive it.
struct Listener: ~Copyable {
  var conversation: Conversation
  var store = HeapMessageStore()
  let bench = Workbench()
  var unread: [UInt8] = []
  var heard: [Heard] = []
  var violation: Violation?

  init(_ role: Conversation.Role, limits: MessageLimits = MessageLimits(), deflate: Bool = false) {
    conversation = Conversation(role: role, limits: limits, deflate: deflate)
  }

  mutating func hear(_ bytes: [UInt8], atMost frames: Int = .max) {
    let input = unread + bytes
    var events: [Heard] = []
    do throws(Violation) {
      let used = try conversation.receive(input.span, store: &store, bench: bench, atMost: frames) {
        events.append(Heard($0, $1.copied()))
      }
      unread = Array(input[used...])
    } catch {
      violation = error
      unread = []
    }
    heard += events
  }
}

/// One frame as the peer of `role` sends it.
func frame(
  to role: Conversation.Role, _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true,
  compressed: Bool = false, key: UInt32 = 0xA1B2_C3D4
) -> [UInt8] {
  var out = ByteBuffer()
  let mask = role == .server ? Mask(key) : nil
  FrameWriter.append(
    opcode, payload.span, mask: mask, isFinal: isFinal, compressed: compressed, into: &out)
  return out.bytes.copied()
}

func frame(
  to role: Conversation.Role, _ opcode: Opcode, _ text: String, isFinal: Bool = true
) -> [UInt8] {
  frame(to: role, opcode, Array(text.utf8), isFinal: isFinal)
}
