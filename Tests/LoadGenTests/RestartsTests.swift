import EventLoop
import Testing

@testable import LoadGen

var ownProcess: Int32 { Machine.pid }

/// With real commands, for that is what they are about; each waits for an event, none for a time.
@Suite(.serialized) struct RestartsTests {
  /// Turns the loop until `isOver`, but not for ever.
  private func run(_ loop: EventLoop, until isOver: () -> Bool) throws {
    let deadline = Moment.current + .seconds(20)
    while !isOver(), Moment.current < deadline { try loop.turn(waitingAtMost: .milliseconds(100)) }
    #expect(isOver())
  }

  @Test("commands run at their time while the loop goes on, and how they end is known")
  func commands() throws {
    let loop = try EventLoop()
    let plan = try plan(
      "--restart=exit 3", "--at=20ms", "--restart=kill -9 $$", "--at=10ms", "--restart=true", "--at=0")
    let start = Moment.current
    let restarts = try Restarts(loop, plan, start: start)
    var changes: [String] = []
    restarts.onChange = { number, record in
      changes.append("\(number) \(record.done == nil ? "begins" : "ends")")
    }
    restarts.begin()
    #expect(restarts.records.allSatisfy { $0.state == .planned })
    try run(loop) { restarts.records.allSatisfy { $0.done != nil } }
    #expect(restarts.records.map(\.exitCode) == [0, 137, 3])
    #expect(
      restarts.records.map(\.trouble) == [
        nil, "'kill -9 $$' ended with signal 9", "'exit 3' ended with exit code 3",
      ])
    #expect(changes.count == 6)
    for number in 0..<3 {
      let own = changes.filter { $0.hasPrefix("\(number) ") }
      #expect(own == ["\(number) begins", "\(number) ends"])
      #expect(restarts.records[number].began >= restarts.records[number].restart.at.wholeNanoseconds)
    }
  }

  @Test("what is under way when the run ends is ended with all it started")
  func unfinished() throws {
    let loop = try EventLoop()
    let restarts = try Restarts(loop, plan("--restart=sleep 1000; true", "--at=0"), start: .current)
    restarts.begin()
    try run(loop) { restarts.records[0].state != .planned }
    #expect(restarts.records[0].trouble?.contains("give it more --duration") == true)
    restarts.end()
    try run(loop) { restarts.records[0].done != nil }
    #expect(restarts.records[0].exitCode == 143)
  }

  @Test("what was not begun when the run was stopped never begins")
  func stopped() throws {
    let loop = try EventLoop()
    let restarts = try Restarts(loop, plan("--restart=true", "--at=0"), start: .current)
    restarts.begin()
    restarts.stop()
    var isLater = false
    loop.after(.milliseconds(5)) { isLater = true }
    try run(loop) { isLater }
    #expect(restarts.records[0].state == .planned)
  }

  @Test(
    "an answer comes whole, however long it is and in however many pieces",
    arguments: [0, 1, 65_536, 300_000])
  func answers(_ count: Int) throws {
    let loop = try EventLoop()
    var answer: ([UInt8], ProcessExit)?
    let command = "head -c \(count) /dev/zero; exit 4"
    let question = try CommandAnswer(loop, path: "/bin/sh", arguments: ["-c", command]) { answer = ($0, $1) }
    try run(loop) { answer != nil }
    #expect(answer?.0.count == count && answer?.1 == .code(4))
    withExtendedLifetime(question) {}
  }

  @Test("a program that is not there is an error at once")
  func missing() throws {
    let loop = try EventLoop()
    #expect(throws: SystemError.self) {
      try CommandAnswer(loop, path: "/nowhere/at/all", arguments: []) { _, _ in }
    }
  }
}
