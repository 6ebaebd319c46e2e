import Bytes
import Compression
import Delivery
import WireProtocol

/// Inflating any bytes never traps nor passes the limit, and what we deflate ourselves comes back.
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  let bits = 9 + Int(delivery.choice % 7)
  guard let inflater = try? ZlibInflater(), let deflater = try? ZlibDeflater(windowBits: bits) else {
    return 0
  }

  let limit = delivery.choice & 0x80 == 0 ? 1 << 16 : 100
  var out = ByteBuffer()
  try? inflater.inflate(delivery.bytes.span, limit: limit, into: &out)
  promise(out.count <= limit + 1, "no bomb goes off")

  var deflated = ByteBuffer()
  var inflated = ByteBuffer()
  do {
    try deflater.deflate(delivery.bytes.span, into: &deflated)
    try inflater.inflate(deflated.bytes, limit: delivery.bytes.count, into: &inflated)
  } catch {
    promise(false, "our own is well formed, whatever was inflated before")
  }
  promise(inflated.bytes.copied() == delivery.bytes, "what was deflated comes back")
  return 0
}
