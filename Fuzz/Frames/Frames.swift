import Bytes
import Compression
import Delivery
import WireProtocol

/// A conversation never traps, and says the same however its bytes are cut.
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  let pieces = heard(delivery, ends: delivery.ends)
  let whole = heard(delivery, ends: [delivery.bytes.count])
  promise(pieces == whole, "the same bytes are heard the same")
  return 0
}

struct Heard: Equatable {
  var said: [Said] = []
  var violation: Violation?

  struct Said: Equatable {
    var event: Conversation.Event
    var bytes: [UInt8]
  }
}

func heard(_ delivery: Delivery, ends: [Int]) -> Heard {
  let limit = delivery.choice & 4 == 0 ? 1 << 20 : 300
  let bench = Workbench(inflater: try? ZlibInflater())
  var store = HeapMessageStore()
  var conversation = Conversation(
    role: delivery.choice & 1 == 0 ? .server : .client, limits: MessageLimits(message: limit, fragments: 64),
    deflate: delivery.choice & 2 != 0)
  var heard = Heard()
  var used = 0
  do throws(Violation) {
    for end in ends {
      used += try conversation.receive(
        delivery.bytes.span.extracting(used..<end), store: &store, bench: bench
      ) { event, bytes in
        promise(bytes.count <= max(limit, 125), "no message is longer than the limit")
        heard.said.append(Heard.Said(event: event, bytes: bytes.copied()))
      }
      promise(used <= end, "no more is used than came")
    }
  } catch {
    heard.violation = error
  }
  return heard
}
