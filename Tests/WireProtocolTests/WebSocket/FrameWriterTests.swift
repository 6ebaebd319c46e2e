import Bytes
import Testing
import WireProtocol

@Suite struct FrameWriterTests {
  @Test(
    "a header reads back as written, and asks for more when cut",
    arguments: [0, 1, 125, 126, 127, 65535, 65536, .max])
  func headers(length: Int) throws {
    for mask in [nil, Mask(0x0403_0201)] {
      let header = FrameHeader(.binary, length: length, mask: mask, isFinal: false, isCompressed: true)
      var out = ByteBuffer()
      header.render(into: &out)
      let bytes = out.bytes.copied()
      #expect(bytes.count == header.size)
      let parsed = try FrameHeader.parse(bytes.span)
      #expect(parsed == header)
      for cut in 0..<bytes.count {
        let short = try FrameHeader.parse(bytes.span.extracting(first: cut))
        #expect(short == nil)
      }
    }
  }

  @Test("the examples of RFC 6455 §5.7 come out to the byte")
  func examples() {
    let hello = Array("Hello".utf8)
    #expect(frame(to: .client, .text, hello) == [0x81, 0x05] + hello)
    #expect(
      frame(to: .server, .text, hello, key: 0x3D21_FA37)
        == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
  }

  @Test("a close reason is cut between two scalars and is never over 123 bytes")
  func reason() {
    var out = ByteBuffer()
    FrameWriter.appendClose(.goingAway, reason: String(repeating: "é", count: 100), into: &out)
    let bytes = out.bytes.copied()
    #expect(bytes == [0x88, 124, 0x03, 0xE9] + Array(String(repeating: "é", count: 61).utf8))
  }
}
