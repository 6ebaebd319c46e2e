import Bytes
import Delivery
import WireProtocol

/// What a gate says in front of a connection is read without a trap, the same however it is cut; and what was
/// understood is what would have been written.
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  let bytes = delivery.bytes.span
  let whole = verdict(bytes)
  for end in delivery.ends {
    switch verdict(bytes.extracting(first: end)) {
    case .more: continue
    case let early: promise(early == whole, "a beginning is judged as the whole is")
    }
  }
  if case .head(let head, let length) = whole {
    var written = ByteBuffer()
    head.append(to: &written)
    promise(verdict(written.bytes) == .head(head, length), "what is written reads back")
  }
  return 0
}

enum Verdict: Equatable {
  case more, malformed
  case head(ProxyHead, Int)
}

func verdict(_ bytes: Span<UInt8>) -> Verdict {
  do throws(ProxyHead.Malformed) {
    return try ProxyHead.read(bytes).map { .head($0.head, $0.count) } ?? .more
  } catch {
    return .malformed
  }
}
