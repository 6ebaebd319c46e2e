import Testing

@testable import FleetState

@Suite struct DrainProgressTests {
  private func example() -> DrainProgress {
    var ledger = Ledger(start: 400)
    ledger.settle(.paced, 380)
    return DrainProgress(
      phase: .pacing, preset: .pod(seconds: 45), open: 20, total: 400, remaining: .milliseconds(7300),
      ledger: ledger)
  }

  @Test("it survives its text, with and without a preset")
  func text() {
    var progress = example()
    #expect(DrainProgress(progress.text) == progress)
    progress.preset = nil
    #expect(DrainProgress(progress.text) == progress)
  }

  @Test("the rate comes and goes with it, and an older build reads past it")
  func rate() throws {
    var progress = example()
    #expect(DrainProgress(progress.text)?.rate == nil)
    progress.rate = Pace.Rate(perSecond: 50, percent: 40)
    #expect(DrainProgress(progress.text) == progress)
    #expect(progress.text.hasSuffix(" lost=0 per_second=50 pace=40"))
    // All an older build reads after the fifth word.
    let rest = try #require(progress.text.split(separator: " ", maxSplits: 5).last)
    #expect(Ledger(rest) == progress.ledger)
  }

  @Test(
    "a made-up rate is none",
    arguments: ["per_second=5", "pace=5", "per_second=5 pace=101", "per_second=0 pace=-0x1"])
  func madeUpRate(words: String) throws {
    if let progress = DrainProgress("\(example().text) \(words)") { #expect(progress.rate == nil) }
  }

  @Test("every text cut short is either refused or harmless")
  func cut() {
    let text = example().text
    for length in 0..<text.count {
      guard let progress = DrainProgress(String(text.prefix(length))) else { continue }
      #expect(progress.ledger.unsettled >= 0)
    }
  }

  @Test(
    "made-up numbers are refused",
    arguments: [
      "", "pacing", "pacing standard -1 4 5 start=4", "flying standard 1 4 5 start=4",
      "pacing standard 1 4 99999999999999 start=4", "pacing standard 1 4 -5 start=4",
      "pacing standard 1 4 5 start=4 lost=5",
    ])
  func refused(_ text: String) { #expect(DrainProgress(text) == nil) }

  @Test("the fraction runs from nothing to all")
  func fraction() {
    #expect(example().fraction == 0.95)
    let none = DrainProgress(phase: .waiting, open: 9, total: 0, remaining: .zero, ledger: Ledger(start: 0))
    #expect(none.fraction == 1)
  }
}
