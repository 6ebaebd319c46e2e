import Delivery
import FleetState

/// What a client of `sluice.v1` asks for is understood or refused without a trap, and what was understood is written
/// so that it means the same.
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  guard let wish = try? SluiceWish(delivery.bytes.span) else { return 0 }
  let text = wish.text()
  let again = try? SluiceWish(text.utf8.span)
  promise(again?.text() == text, "what is written reads back")
  return 0
}
