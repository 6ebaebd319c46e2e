import Bytes
import Delivery
import RedisClient

/// Redis' replies are read without a trap, and the same however they are cut.
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  let pieces = replies(delivery.bytes, ends: delivery.ends)
  let whole = replies(delivery.bytes, ends: [delivery.bytes.count])
  promise(pieces == whole, "the same bytes are read the same")
  return 0
}

/// As text, in which not-a-number equals itself.
func replies(_ bytes: [UInt8], ends: [Int]) -> [String] {
  var reader = ReplyReader(maxNodes: 1 << 12, maxBytes: 1 << 20)
  var replies: [String] = []
  var used = 0
  do {
    for end in ends {
      try reader.feed(bytes.span.extracting(used..<end))
      used = end
      while try reader.next({ replies.append("\($0.value)") }) {}
    }
  } catch {
    replies.append("\(error)")
  }
  return replies
}
