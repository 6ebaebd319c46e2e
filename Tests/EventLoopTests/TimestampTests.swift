import Testing

@testable import EventLoop

@Suite struct TimestampTests {
  @Test(
    "the calendar holds at its edges",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_200_007, "2024-03-01T00:00:00.007Z"),
      (4_102_444_799_050, "2099-12-31T23:59:59.050Z"),
    ] as [(UInt64, String)])
  func calendar(milliseconds: UInt64, text: String) {
    #expect(Timestamp(unixNanoseconds: milliseconds * 1_000_000).description == text)
  }
}
