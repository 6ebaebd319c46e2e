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
      ("p99<=p50+5ms", true), ("p99<=p50+4ms", false), ("p99<p50", false), ("drops<=lost+2", false),
      ("drops<=lost+3", true), ("opened==wanted+1", false), ("p99<5ms+5ms", true),
      ("max<=1ms+p99+500us", true),
    ])
  func judge(_ text: String, _ ok: Bool) throws {
    let assertions = try Assertion.read(text)
    #expect(assertions.map { $0.judge(figures).ok } == [ok])
  }

  @Test("several at once, and the standard ones")
  func several() throws {
    #expect(try Assertion.read("drops==3 && p99<10ms").count == 2)
    let outcomes = try Assertion.read(Assertion.standard).map { $0.judge(figures) }
    #expect(outcomes.filter { !$0.ok }.map(\.text) == ["drops==0"])
  }

  @Test(
    "a slip is named",
    arguments: [
      "", "p99", "p98<1ms", "drops==x", "drops==0 &&", "p99<10lightyears", "==0", "drops<1s", "lost==0ms",
      "p99<-1", "p99<", "p99<1.2.3ms", "p99<p50+", "p99<+p50", "p99<lost", "lost<p99", "p99<p50-1ms",
      "p99<p98",
      "drops<=lost+1ms", "p99_after<1s",
    ])
  func mistakes(_ text: String) {
    #expect(throws: Assertion.Malformed.self) { try Assertion.read(text) }
  }

  @Test("each figure has one name, and each name is read")
  func names() throws {
    #expect(Set(Figures.names).count == Figures.names.count)
    for name in Figures.names {
      #expect(try Assertion.read("\(name)>=0").map(\.name) == [name])
    }
  }

  @Test("a slip among several says which it is")
  func place() {
    #expect(
      throws: Assertion.Malformed(
        description: "assertion 2 of 3: '1ms' is no count, such as 0: what it bounds has no unit")
    ) {
      try Assertion.read("drops==0 && lost==1ms && p99<1ms")
    }
  }

  @Test(
    "a word nobody knows is answered with those there are", arguments: ["p98<1ms", "p99<p98", "p99<p50+p98"])
  func unknown(_ text: String) {
    let slip = #expect(throws: Assertion.Malformed.self) { try Assertion.read(text) }
    #expect(
      slip?.description
        == "'p98' is no figure: there are opened, wanted, held_max, open_at_end, failed, drops, sent, "
        + "received, lost, duplicated, reordered, corrupt, late_sends, unsent, overdue, published, unpublished, reconnects, "
        + "acked, unreceipted, refused, resumed, recovered, unrecovered, moved, told_lost, "
        + "sockets_over_10ms, herd_peak, "
        + "mean, p50, p90, p99, p999, max, and of these times also "
        + "service_*, connect_*, reconnect_*, freeze_*, blackout_*, recovery_*, *_steady, *_during")
  }

  @Test("only a run with a restart has a time around one")
  func needsRestart() throws {
    func needs(_ text: String) throws -> [Bool] { try Assertion.read(text).map(\.needsRestart) }
    #expect(
      try needs("p99<1s && p999_during<1s && p99<=p50_steady+1ms && reconnects>0 && freeze_max<1s")
        == [false, true, true, false, false])
  }

  @Test("around a restart against before it, in one assertion")
  func during() throws {
    func outcome(_ steady: UInt64?, _ during: UInt64?) throws -> Assertion.Outcome {
      try judge("p999_during<=p999_steady+10ms") {
        if let steady { $0.steady.record(steady * 1_000_000) }
        if let during { $0.during.record(during * 1_000_000) }
      }
    }
    let good = try outcome(2, 12)
    #expect(good.ok && good.value == 12_000 && good.limit == 12_000 && good.isTime)
    #expect(try outcome(2, 13).ok == false)
    // What was not measured is never fulfilled, on either side.
    let silent = try outcome(2, nil)
    #expect(!silent.ok && silent.value == nil && silent.limit == 12_000)
    let fresh = try outcome(nil, 1)
    #expect(!fresh.ok && fresh.value == 1000 && fresh.limit == nil)
  }

  private func judge(_ text: String, _ change: (inout RunFigures) -> Void) throws -> Assertion.Outcome {
    var figures = RunFigures()
    change(&figures)
    return try #require(try Assertion.read(text).first).judge(figures)
  }

  @Test("a server that answers nothing is not fast", arguments: ["p99<10ms", "max<1s", "service_p50<=1s"])
  func silence(_ text: String) throws {
    let outcome = try judge(text) { $0.sent = 100 }
    #expect(!outcome.ok && outcome.value == nil)
    // Nothing was asked, so nothing could be slow.
    let idle = try judge(text) { $0.opened = 100 }
    #expect(idle.ok && idle.value == nil)
  }

  @Test("who never came back did not come back in time")
  func neverBack() throws {
    #expect(try judge("reconnect_p99<2s") { $0.drops.add(.reset) }.ok == false)
    #expect(try judge("reconnect_p99<2s") { _ in }.ok)
    #expect(try judge("connect_p99<2s") { $0.wanted = 10 }.ok == false)
  }

  @Test(
    "an assertion is broken once nothing can mend it",
    arguments: [
      ("drops==0", true), ("drops<=2", true), ("drops<3", true), ("drops<=3", false), ("drops>=9", false),
      ("drops!=3", false), ("open_at_end<=1", false), ("max<1ms", true), ("p99<1ms", false),
      ("drops<=opened", false), ("reconnect_max<1s", false),
    ])
  func broken(_ text: String, _ isBroken: Bool) throws {
    var figures = RunFigures()
    figures.drops.add(.reset, 3)
    figures.openAtEnd = 5
    figures.intended.record(2_000_000)
    let assertion = try #require(try Assertion.read(text).first)
    #expect(assertion.isBroken(by: figures) == isBroken)
  }
}
