import Testing

@testable import LoadGen

@Suite struct ArrivalsTests {
  @Test("what is sent twice is taken once, what is missing is seen, and each sender counts for itself")
  func counting() {
    var arrivals = Arrivals()
    #expect(arrivals.take(1, from: "a") == .new)
    #expect(arrivals.take(2, from: "a") == .new)
    #expect(arrivals.take(2, from: "a") == .known)
    #expect(arrivals.take(1, from: "b") == .new)
    #expect(arrivals.take(5, from: "a") == .gap)
    #expect(arrivals.take(6, from: "a") == .new)
    #expect(arrivals.take(4, from: "a") == .known)
  }

  @Test("a thousand senders are remembered; the one who speaks next still knows its place")
  func bounded() {
    var arrivals = Arrivals()
    #expect(arrivals.take(1, from: "first") == .new)
    for number in 0..<2000 { #expect(arrivals.take(1, from: "\(number)") == .new) }
    #expect(arrivals.take(1, from: "1999") == .known)
  }
}
