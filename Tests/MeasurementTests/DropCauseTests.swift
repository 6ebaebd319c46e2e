import Testing

@testable import Measurement

@Suite struct DropCauseTests {
  @Test(
    "causes are written and read the same way",
    arguments: ["close:1012", "reset", "eof", "http:503", "protocol", "tls"])
  func causes(_ text: String) {
    #expect(DropCause(text)?.text == text)
  }

  @Test(
    "no cause of ours",
    arguments: [
      "", "close", "close:", "close:99999", "http:1", "http:x", "Reset", "close:+1", "close:01", "http:+200",
      "eof:",
    ])
  func noCauses(_ text: String) { #expect(DropCause(text) == nil) }

  @Test("a server with a code for every day fills the table, and the rest is counted all the same")
  func bound() {
    var tally = Tally()
    for code: UInt16 in 1000..<2000 { tally.add(.close(code)) }
    #expect(tally.counts.count == 257)
    #expect(tally.total == 1000)
    #expect(tally.counts[.protocolError] == 744)
    tally.add(.close(1000))
    #expect(tally.sorted.first?.cause == .protocolError)
    #expect(tally.counts[.close(1000)] == 2)
  }
}
