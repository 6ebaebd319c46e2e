import Testing

@testable import FleetState

@Suite struct PaceRemarksTests {
  private func survivor(lag micros: Int) throws -> Survivor {
    var vitals = Vitals()
    vitals.loopLagMicros = micros
    return Survivor(try #require(Name("web-2")), vitals)
  }

  private func rate(_ percent: Int) -> Pace.Rate { Pace.Rate(perSecond: 10, percent: percent) }

  @Test("a drop is said once, with its reason, and so is its end")
  func once() throws {
    var remarks = PaceRemarks()
    let slow = try survivor(lag: 180_000)
    let calm = try survivor(lag: 0)
    #expect(remarks.remark(rate(100), calm) == nil)
    #expect(remarks.remark(rate(100), slow) == nil, "nothing was lowered yet")
    #expect(remarks.remark(rate(40), slow) == "pace lowered to 40 %: web-2 loop lag 180 ms")
    #expect(remarks.remark(rate(41), slow) == nil)
    #expect(remarks.remark(rate(35), slow) == nil, "too little to mention")
    #expect(remarks.remark(rate(12), slow) == "pace lowered to 12 %: web-2 loop lag 180 ms")
    #expect(remarks.remark(rate(60), calm) == nil)
    #expect(remarks.remark(rate(98), calm) == "pace even again: nobody is strained")
    #expect(remarks.remark(rate(100), calm) == nil)
  }

  @Test("a second drop counts from where the pace had come to meanwhile")
  func again() throws {
    var remarks = PaceRemarks()
    let slow = try survivor(lag: 180_000)
    #expect(remarks.remark(rate(40), slow) != nil)
    #expect(remarks.remark(rate(80), nil) == nil)
    #expect(remarks.remark(rate(40), slow) != nil)
  }

  @Test("when the deadline overrules a strained survivor, it says so")
  func hurried() throws {
    var remarks = PaceRemarks()
    let slow = try survivor(lag: 180_000)
    #expect(remarks.remark(rate(40), slow) != nil)
    #expect(
      remarks.remark(rate(95), slow)
        == "pace even again in spite of web-2 loop lag 180 ms: the deadline comes first")
  }

  @Test("without a strained survivor there is nothing to explain")
  func nobody() {
    var remarks = PaceRemarks()
    #expect(remarks.remark(rate(50), nil) == nil)
    #expect(remarks.remark(rate(100), nil) == nil)
  }
}
