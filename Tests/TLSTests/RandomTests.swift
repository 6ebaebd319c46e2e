import Testing

@testable import TLS

@Suite struct RandomTests {
  @Test("no two are alike, and each byte of a long one is filled", arguments: [16, 32, 1000])
  func different(_ count: Int) throws {
    let bytes = try Random.bytes(count)
    #expect(bytes.count == count)
    #expect(try Random.bytes(count) != bytes)
    // Of a thousand bytes all 256 values but a few occur; a half left empty would show.
    if count == 1000 { #expect(bytes.count { $0 == 0 } < 30) }
  }

  @Test("none is none")
  func none() throws {
    #expect(try Random.bytes(0).isEmpty)
  }
}
