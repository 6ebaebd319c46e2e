import Glibc
import Testing

@testable import EventLoop

@Suite struct SignalsTests {
  @Test("a signal becomes a call of the loop, each kind once")
  func signals() throws {
    let bench = try LoopBench()
    var heard: [Int32] = []
    let signals = try Signals(bench.loop, [SIGUSR1, SIGWINCH]) { heard.append($0) }
    // To this thread alone: it is the one that has them blocked.
    raise(SIGUSR1)
    raise(SIGWINCH)
    raise(SIGUSR1)
    #expect(heard.isEmpty)
    try bench.turn(until: "both") { heard.count == 2 }
    #expect(heard.sorted() == [SIGUSR1, SIGWINCH].sorted())
    _ = signals
  }
}
