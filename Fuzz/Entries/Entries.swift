import Bytes
import Delivery
import FleetState

/// What stands on the bus is read without a trap, and what was understood is written so that it means the same.
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  guard let entry = BusEntry(delivery.bytes.span) else { return 0 }
  var line = ByteBuffer()
  entry.encode(into: &line)
  promise(BusEntry(line.bytes) == entry, "what is written reads back")
  return 0
}
