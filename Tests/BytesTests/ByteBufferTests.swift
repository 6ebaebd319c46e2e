import Bytes
import Testing

@Suite struct ByteBufferTests {
  @Test("nothing can be appended to a buffer that has no memory yet")
  func nothing() {
    var buffer = ByteBuffer()
    buffer.append("" as StaticString)
    buffer.append(Span<UInt8>())
    buffer.append(String())
    let bytes = buffer.bytes.copied()
    #expect(bytes == [])
  }

  @Test("what goes in comes out, front first")
  func order() {
    var buffer = ByteBuffer(capacity: 4)
    buffer.append(1)
    buffer.append([2, 3, 4, 5, 6].span)
    buffer.removeFirst(2)
    buffer.append(7)
    let held = buffer.bytes.copied()
    #expect(held == [3, 4, 5, 6, 7])
  }

  @Test("growing keeps what is held, wherever it starts", arguments: [0, 1, 31, 63])
  func growth(dropped: Int) {
    var buffer = ByteBuffer()
    for value in 0..<64 { buffer.append(UInt8(value)) }
    buffer.removeFirst(dropped)
    for value in 64..<200 { buffer.append(UInt8(value)) }
    let held = buffer.bytes.copied()
    #expect(held == (dropped..<200).map(UInt8.init))
  }

  @Test(
    "numbers are written in decimal",
    arguments: [
      (0, "0"), (-1, "-1"), (10, "10"), (Int.max, "9223372036854775807"), (Int.min, "-9223372036854775808"),
    ])
  func decimal(value: Int, text: String) {
    var buffer = ByteBuffer()
    buffer.append(decimal: value)
    let written = String(decoding: buffer.bytes.copied(), as: UTF8.self)
    #expect(written == text)
  }

  @Test("filling keeps only what was written")
  func fill() {
    var buffer = ByteBuffer()
    buffer.append(upTo: 100) { spare in
      spare[0] = 9
      return 1
    }
    #expect(buffer.count == 1)
    buffer.clear()
    buffer.trim(above: 10)
    #expect(buffer.capacity == 0)
  }
}
