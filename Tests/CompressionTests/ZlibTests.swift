import Bytes
import Compression
import Testing
import WireProtocol

@Suite struct ZlibTests {
  static func deflated(_ payload: [UInt8], bits: Int = 15) throws -> [UInt8] {
    var out = ByteBuffer()
    try ZlibDeflater(windowBits: bits).deflate(payload.span, into: &out)
    return out.bytes.copied()
  }

  static func inflated(_ payload: [UInt8], limit: Int) throws(InflateError) -> [UInt8] {
    var out = ByteBuffer()
    try ZlibInflater().inflate(payload.span, limit: limit, into: &out)
    return out.bytes.copied()
  }

  @Test(
    "what is deflated inflates to the same, exactly at its limit", arguments: [0, 1, 127, 70_000],
    [9, 12, 15])
  func roundTrip(length: Int, bits: Int) throws {
    let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
    let small = try Self.deflated(payload, bits: bits)
    let again = try Self.inflated(small, limit: length)
    #expect(again == payload)
    guard length > 0 else { return }
    #expect(throws: InflateError.tooBig) { try Self.inflated(small, limit: length - 1) }
  }

  @Test("the example of RFC 7692 §7.2.3.1, and one with a final block, inflate")
  func examples() throws {
    let plain = try Self.inflated([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], limit: 5)
    let final = try Self.inflated([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], limit: 5)
    #expect(plain == Array("Hello".utf8))
    #expect(final == plain)
  }

  @Test("a bomb stops at the limit")
  func bomb() throws {
    let small = try Self.deflated([UInt8](repeating: 0, count: 8 << 20))
    var out = ByteBuffer()
    let inflater = try ZlibInflater()
    #expect(throws: InflateError.tooBig) { try inflater.inflate(small.span, limit: 1 << 20, into: &out) }
    let made = out.count
    #expect(made <= 1 << 20 + 1)
    out.clear()
    try inflater.inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00].span, limit: 5, into: &out)
    let after = out.bytes.copied()
    #expect(after == Array("Hello".utf8))
  }

  @Test("a stream cut short is never taken for the whole")
  func truncated() throws {
    let payload = (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let small = try Self.deflated(payload)
    for cut in 1..<small.count - 1 {
      let got = try? Self.inflated(Array(small[..<cut]), limit: 1000)
      #expect(got != payload)
    }
    #expect(throws: InflateError.broken) { try Self.inflated([0xFF, 0xFF, 0xFF, 0xFF], limit: 100) }
  }
}
