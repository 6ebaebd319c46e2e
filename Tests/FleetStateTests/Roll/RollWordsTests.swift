import Testing

@testable import FleetState

@Suite struct RollWordsTests {
  private func progress(_ phase: RollPhase) -> RollProgress {
    var progress = RollProgress(.roll, phase, of: 4)
    progress.slot = phase == .done ? nil : 2
    progress.done = phase == .done ? 4 : 2
    progress.handed = 2500
    progress.longestFreezeMicros = 12_345
    progress.latest = Handover(sockets: 1250, freezeMicros: 8311)
    progress.spent = .milliseconds(2100)
    return progress
  }

  @Test("each step is one sentence")
  func sentences() {
    #expect(progress(.preparing).sentence == "worker 2: a successor gets ready (2 of 4 replaced)")
    #expect(progress(.handover).sentence == "worker 2: the successor may take over")
    #expect(progress(.proving).sentence == "worker 2: 1250 sockets handed over in 8.3 ms")
    #expect(progress(.waiting).sentence == "waiting before worker 2 until a crashed worker serves again")
    var paused = progress(.paused)
    #expect(paused.sentence == "paused before worker 2")
    paused.reason = "ada"
    #expect(paused.sentence == "paused before worker 2 by ada")
    var stopped = progress(.stopped)
    stopped.reason = "worker 2: exit 1"
    #expect(stopped.sentence == "stopped: worker 2: exit 1 (2 of 4 replaced, the others untouched)")
    #expect(
      progress(.done).sentence
        == "done: 4 workers replaced, 2500 sockets handed over, longest freeze 12 ms, in 2.1 s")
    #expect(
      progress(.takenback).sentence
        == "taken back: every worker is as before, 2500 sockets handed over, longest freeze 12 ms, in 2.1 s")
  }

  @Test("one is one")
  func one() {
    var progress = RollProgress(.roll, .done, of: 1)
    progress.handed = 1
    #expect(
      progress.sentence == "done: 1 worker replaced, 1 socket handed over, longest freeze 0 µs, in 0 µs")
  }

  @Test("a forecast names how many, and how long when the last roll can tell")
  func forecast() {
    let first = RollForecast(workers: 1, sockets: 1, last: nil)
    #expect(first.sentence == "1 socket on 1 worker is handed over, nobody is dropped")
    let next = RollForecast(workers: 8, sockets: 5000, last: progress(.done))
    #expect(next.expected == .milliseconds(4200) && next.freezeMicros == 12_345)
    #expect(
      next.sentence
        == "5000 sockets on 8 workers are handed over, nobody is dropped; about 4.2 s, each held at most 12 ms"
    )
    var none = progress(.stopped)
    none.done = 0
    #expect(RollForecast(workers: 8, sockets: 5, last: none).expected == nil)
  }

  @Test(
    "a time in words",
    arguments: [
      (0, "0 µs"), (850, "850 µs"), (1000, "1 ms"), (8311, "8.3 ms"), (12_345, "12 ms"), (999_999, "999 ms"),
      (1_000_000, "1 s"), (2_150_000, "2.1 s"), (90_000_000, "90 s"),
    ])
  func time(micros: Int, words: String) { #expect(Duration.microseconds(micros).words == words) }
}
