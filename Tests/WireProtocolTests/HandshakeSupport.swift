import Bytes
import WireProtocol

/// SHA-1 of the key of RFC 6455 §1.3 and the GUID, as the RFC prints it.
let sampleDigest: [UInt8] = [
  0xB3, 0x7A, 0x4F, 0x2C, 0xC0, 0x62, 0x4F, 0x16, 0x90, 0xF6, 0x46, 0x06, 0xCF, 0x38, 0x59, 0x45, 0xB2, 0xBE,
  0xC4, 0xEA,
]
let sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="
let sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

/// The 101 head that belongs to `sampleKey`.
func rendered(_ upgrade: Upgrade) -> String {
  let digest = sampleDigest
  var out = ByteBuffer()
  upgrade.render(into: &out, digest: digest.span)
  return String(decoding: out.bytes.copied(), as: UTF8.self)
}
