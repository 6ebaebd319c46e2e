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
      ("lost<=0", true), ("reconnects>0", false), ("mean<6ms", true), ("p999==10000us", true),
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
    arguments: [
      "", "p99", "p98<1ms", "drops==x", "drops==0 &&", "p99<10lightyears", "==0", "drops<1s", "lost==0ms",
      "p99<-1", "p99<", "p99<1.2.3ms",
    ])
  func mistakes(_ text: String) {
    #expect(throws: Assertion.Malformed.self) { try Assertion.read(text, wanted: 10) }
  }

  @Test("each figure has one name, and each name is read")
  func names() throws {
    #expect(Set(Figures.names).count == Figures.names.count)
    for name in Figures.names {
      #expect(try Assertion.read("\(name)>=0", wanted: 1).map(\.name) == [name])
    }
  }

  @Test("a slip among several says which it is")
  func place() {
    #expect(
      throws: Assertion.Malformed(
        description: "assertion 2 of 3: 'x' is no count, such as 0: 'lost' has no unit")
    ) {
      try Assertion.read("drops==0 && lost==x && p99<1ms", wanted: 1)
    }
  }

  private func judge(_ text: String, _ change: (inout RunFigures) -> Void) throws -> Assertion.Outcome {
    var figures = RunFigures()
    change(&figures)
    return try #require(try Assertion.read(text, wanted: 10).first).judge(figures)
  }

  @Test("a server that answers nothing is not fast", arguments: ["p99<10ms", "max<1s", "service_p50<=1s"])
  func silence(_ text: String) throws {
    let outcome = try judge(text) { $0.sent = 100 }
    #expect(!outcome.ok && !outcome.isMeasured)
    // Nothing was asked, so nothing could be slow.
    let idle = try judge(text) { $0.opened = 100 }
    #expect(idle.ok && idle.isMeasured)
  }

  @Test("who never came back did not come back in time")
  func neverBack() throws {
    #expect(try judge("reconnect_p99<2s") { $0.drops.add(.reset) }.ok == false)
    #expect(try judge("reconnect_p99<2s") { _ in }.ok)
    #expect(try judge("connect_p99<2s") { $0.wanted = 10 }.ok == false)
  }
}
