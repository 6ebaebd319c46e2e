import Testing

@testable import Measurement

@Suite struct BlackoutTests {
  @Test("silence is what lies between a reason to hear and the next answer of anybody")
  func silence() {
    var blackout = Blackout()
    blackout.expect(at: 100)
    blackout.expect(at: 110)
    #expect(blackout.hear(of: 100, at: 130) == 30)
    #expect(blackout.hear(of: 110, at: 140) == 10)
    // Nobody waits: that is no silence of the server's.
    blackout.expect(at: 1000)
    #expect(blackout.hear(of: 1000, at: 1005) == 5)
  }

  @Test("a lost answer holds nothing up")
  func lost() {
    var blackout = Blackout()
    blackout.expect(at: 100)
    blackout.expect(at: 110)
    #expect(blackout.hear(of: 110, at: 120) == 20)
    blackout.expect(at: 5000)
    #expect(blackout.hear(of: 5000, at: 5001) == 1)
  }

  @Test("at the end what is waited for counts, and only that")
  func end() {
    var blackout = Blackout()
    #expect(blackout.rest(at: 10) == 0)
    blackout.expect(at: 100)
    #expect(blackout.rest(at: 400) == 300)
    #expect(blackout.rest(at: 900) == 0)
  }
}
