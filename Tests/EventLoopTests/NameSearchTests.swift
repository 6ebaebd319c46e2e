import Testing

@testable import EventLoop

@Suite struct NameSearchTests {
  @Test("what a name stands for is told once, nothing of one nobody knows, and not to whom has let go")
  func search() throws {
    let loop = try EventLoop()
    var told: [[String]] = []
    let known = try NameSearch(loop, for: "127.0.0.7") { told.append($0) }
    let start = Moment.current
    while told.isEmpty && Moment.current.duration(since: start) < .seconds(10) {
      try loop.turn(waitingAtMost: .milliseconds(20))
    }
    #expect(told == [["127.0.0.7"]])

    var letGo: NameSearch? = try NameSearch(loop, for: "127.0.0.8") { told.append($0) }
    // Longer than a name can be, so that nobody outside is asked.
    let unknown = try NameSearch(loop, for: String(repeating: "x", count: 300)) { told.append($0) }
    letGo = nil
    while told.count < 2 && Moment.current.duration(since: start) < .seconds(10) {
      try loop.turn(waitingAtMost: .milliseconds(20))
    }
    #expect(told == [["127.0.0.7"], []])
    withExtendedLifetime((known, unknown, letGo)) {}
  }
}
