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
