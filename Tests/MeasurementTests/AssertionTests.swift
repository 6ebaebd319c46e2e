import JSONText
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

@Suite struct RunFiguresTests {
  private func sample(_ seed: UInt64) -> RunFigures {
    var random = SplitMix64(seed: seed)
    var figures = RunFigures()
    for field in RunFigures.counts { figures[keyPath: field] = Int(random.next() % 1000) }
    for field in RunFigures.histograms { figures[keyPath: field].record(random.next() >> 30) }
    figures.drops.add(.close(1012), 2)
    figures.drops.add(.reset)
    figures.failed.add(.http(503), 7)
    figures.herd.add(at: 1_250_000_000, 3)
    figures.cpuNanoseconds = 12345
    return figures
  }

  private func read(_ bytes: [UInt8]) -> RunFigures? { RunFigures(bytes.span) }

  @Test("figures travel whole, and cut ones do not arrive")
  func travelling() {
    let figures = sample(1)
    var json = JSONWriter()
    figures.write(to: &json)
    let bytes = Array(json.text.utf8)
    #expect(read(bytes) == figures)
    for count in 0..<bytes.count { #expect(read(Array(bytes[..<count])) == nil) }
  }

  @Test("two generators' figures are one run's")
  func merge() {
    var sum = sample(1)
    sum.merge(sample(2))
    #expect(sum.sent == sample(1).sent + sample(2).sent)
    #expect(sum.drops.counts == [.close(1012): 4, .reset: 2])
    #expect(sum.intended.count == 2)
    #expect(sum.herd.bins[12] == 6)
  }

  @Test(
    "causes are written and read the same way",
    arguments: ["close:1012", "reset", "eof", "http:503", "protocol", "tls"])
  func causes(_ text: String) {
    #expect(DropCause(text)?.text == text)
  }

  @Test("no cause of ours", arguments: ["", "close", "close:", "close:99999", "http:1", "http:x", "Reset"])
  func noCauses(_ text: String) { #expect(DropCause(text) == nil) }
}
