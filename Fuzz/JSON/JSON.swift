import Delivery
import JSONText

/// Reading never traps; what was read can be written, and what reads back is written the same. (Not the same value:
/// 1.0 is a number, and 1 an integer.)
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  guard let value = try? JSONValue.read(delivery.bytes.span) else { return 0 }
  let text = value.text(delivery.choice & 1 == 0 ? .compact : .spaced)
  promise((try? JSONValue.read(text))?.text() == value.text(), "what is written reads back")
  return 0
}
