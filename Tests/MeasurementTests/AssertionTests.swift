import Testing

@testable import Measurement

@Suite struct AssertionTests {
  private var figures: RunFigures {
    var figures = RunFigures()
    figures.wanted = 10
    figures.opened = 10
    figures.drops.add(.close(1012), 3)
    for value: UInt64 in 1...100 { figures.intended.record(value * 100_000) }
    return figures
  }

  @Test(
    "a run is held to what was asked",
    arguments: [
      ("drops==3", true), ("drops == 0", false), ("p99<10ms", true), ("p99<9ms", false), ("max<=10ms", true),
      ("p50>=5000", true), ("p50>1s", false), ("opened==wanted", true), ("lost!=0", false),
      ("reconnect_p99<2s", true),
    ])
  func judge(_ text: String, _ ok: Bool) throws {
    let assertions = try Assertion.read(text, wanted: 10)
    #expect(assertions.map { $0.judge(figures).ok } == [ok])
  }

  @Test("several at once, and the standard ones")
  func several() throws {
    #expect(try Assertion.read("drops==3 && p99<10ms", wanted: 10).count == 2)
    let outcomes = try Assertion.read(Assertion.standard, wanted: 10).map { $0.judge(figures) }
    #expect(outcomes.filter { !$0.ok }.map(\.text) == ["drops==0"])
  }

  @Test(
    "a slip is named",
    arguments: ["", "p99", "p98<1ms", "drops==x", "drops==0 &&", "p99<10lightyears", "==0"])
  func mistakes(_ text: String) {
    #expect(throws: Assertion.Malformed.self) { try Assertion.read(text, wanted: 10) }
  }
}
