import EventLoop
import Testing

@testable import Server

@Suite struct StrikesTests {
  private func moment(_ seconds: UInt64) -> Moment { Moment(nanoseconds: seconds * 1_000_000_000) }

  @Test("the third fault within a minute is one too many, and then they count anew")
  func unexplained() {
    var strikes = Strikes()
    let verdicts = [0, 30, 59, 60, 61, 62].map { strikes.isOut(at: moment($0)) }
    #expect(verdicts == [false, false, true, false, false, true])
  }

  @Test("what is older than a minute does not count")
  func old() {
    var strikes = Strikes()
    let verdicts = [0, 30, 60, 90, 120].map { strikes.isOut(at: moment($0)) }
    #expect(!verdicts.contains(true))
  }

  @Test("of faults that one client each explains, the eleventh is one too many")
  func explained() {
    var strikes = Strikes()
    let verdicts = (UInt64(0)...10).map { second in
      defer { strikes.explain() }
      return strikes.isOut(at: moment(second))
    }
    #expect(verdicts == Array(repeating: false, count: 10) + [true])
  }

  @Test("one that is explained is worth a fifth of one that is not")
  func mixed() {
    var strikes = Strikes()
    var verdicts = [strikes.isOut(at: moment(0))]
    strikes.explain()
    verdicts += (1...3).map { strikes.isOut(at: moment($0)) }
    #expect(verdicts == [false, false, false, true])
  }

  @Test("without a fault there is nothing to explain")
  func none() {
    var strikes = Strikes()
    strikes.explain()
    let verdict = strikes.isOut(at: moment(0))
    #expect(!verdict)
  }
}
