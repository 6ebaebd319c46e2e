import Testing

@testable import FleetState

@Suite struct DrainWordsTests {
  @Test("the sentences are those of the contract, to the letter")
  func sentences() {
    #expect(
      DrainWords.initiated(worker: 10, timeout: DrainPreset.standard.plan.total)
        == "[worker=10] Shutdown initiated → waiting for global disconnect (timeout=30s)")
    #expect(
      DrainWords.progress(worker: 10, open: 2, remaining: .milliseconds(19_990))
        == "[worker=10] Shutdown progress | global=2 | remaining=19s")
    #expect(
      DrainWords.complete(worker: 10) == "[worker=10] All global WS connections closed → shutdown complete.")
    #expect(DrainWords.forced(open: 1) == "FORCE shutdown → still 1 clients connected globally")
  }
}
