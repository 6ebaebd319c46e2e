import Glibc
import Testing

@testable import EventLoop

@Suite struct SignalsTests {
  @Test("a signal becomes a call of the loop, each kind once")
  func signals() throws {
    let loop = try EventLoop()
    var heard: [Int32] = []
    let signals = try Signals(loop, [SIGUSR1, SIGWINCH]) { heard.append($0) }
    // To this thread alone: it is the one that has them blocked.
    raise(SIGUSR1)
    raise(SIGWINCH)
    raise(SIGUSR1)
    #expect(heard.isEmpty)
    for _ in 0..<4000 where heard.count < 2 { try loop.turn(waitingAtMost: .milliseconds(5)) }
    #expect(heard.sorted() == [SIGUSR1, SIGWINCH].sorted())
    _ = signals
  }
}
