import Glibc
import Testing

@testable import EventLoop

@Suite struct ChildProcessTests {
  @Test(
    "a child's end is told once, as it was",
    arguments: [
      ("exit 0", .code(0)), ("exit 7", .code(7)), ("kill -9 $$", .signal(9)), ("kill -15 $$", .signal(15)),
    ] as [(String, ProcessExit)])
  func exits(script: String, expected: ProcessExit) throws {
    let bench = try LoopBench()
    var exits: [ProcessExit] = []
    let child = try Self.shell(bench.loop, script) { exits.append($0) }
    try bench.turn(until: script) { !exits.isEmpty }
    try bench.turn(times: 3)
    #expect(exits == [expected] && child.exit == expected)
    child.signal(SIGKILL)
  }

  @Test("a missing program is an error at once, also when its channel takes the number of the report")
  func missing() throws {
    let bench = try LoopBench()
    let (near, far) = try PacketChannel.pair()
    let ends = [Descriptor(owning: near).release(), far]
    defer { for end in ends { close(end) } }
    #expect(throws: SystemError("start /no/such", ENOENT)) {
      try ChildProcess(bench.loop, path: "/no/such", arguments: []) { _ in }
    }
    // Every number a pipe could get in this process is asked for by the child.
    let wanted = Dictionary(uniqueKeysWithValues: (3..<250).map { (Int32($0), far) })
    #expect(throws: SystemError("start /no/such", ENOENT)) {
      try ChildProcess(bench.loop, path: "/no/such", arguments: [], inheriting: wanted) { _ in }
    }
  }

  @Test("descriptors reach the child under the numbers asked for, even swapped")
  func inherit() throws {
    let bench = try LoopBench()
    let one = try Descriptor.Pipe()
    let two = try Descriptor.Pipe()
    var exit: ProcessExit?
    // Below 10, for that is what a shell can name. 8 and 9 may be anything of ours: they are swapped there.
    _ = try Self.shell(
      bench.loop, "echo eight >&8; echo nine >&9", inheriting: [8: one.write, 9: two.write]
    ) { exit = $0 }
    try bench.turn(until: "its end") { exit != nil }
    #expect(exit == .code(0))
    #expect(one.text() == "eight\n" && two.text() == "nine\n")

    let low = min(one.write, two.write)
    let high = max(one.write, two.write)
    exit = nil
    _ = try ChildProcess(
      bench.loop, path: "/bin/bash", arguments: ["-c", "echo low >&\(low); echo high >&\(high)"],
      inheriting: [low: high, high: low]
    ) { exit = $0 }
    try bench.turn(until: "its end") { exit != nil }
    #expect(one.text() == (one.write == low ? "high\n" : "low\n"))
    #expect(two.text() == (two.write == low ? "high\n" : "low\n"))
  }

  @Test("nothing else is inherited, even what somebody left open for children")
  func closed() throws {
    let bench = try LoopBench()
    let stray = dup(2)
    defer { close(stray) }
    #expect(fcntl(stray, F_GETFD) == 0, "it would be inherited")
    var exit: ProcessExit?
    _ = try Self.shell(bench.loop, "test -e /proc/self/fd/\(stray)") { exit = $0 }
    try bench.turn(until: "its end") { exit != nil }
    #expect(exit == .code(1))
  }

  @Test("a child that somebody else has reaped is over, and does not keep the loop awake")
  func reapedByAnother() throws {
    let bench = try LoopBench()
    var exits: [ProcessExit] = []
    let child = try Self.shell(bench.loop, "exit 3") { exits.append($0) }
    var status: Int32 = 0
    #expect(unsafe waitpid(child.pid, &status, 0) == child.pid)
    try bench.turn(until: "its end", atMost: 200) { !exits.isEmpty }
    #expect(exits == [.code(-1)])
  }

  @discardableResult
  private static func shell(
    _ loop: EventLoop, _ script: String, inheriting: [Int32: Int32] = [:],
    onExit: @escaping (ProcessExit) -> Void
  ) throws -> ChildProcess {
    try ChildProcess(
      loop, path: "/bin/sh", arguments: ["-c", script], inheriting: inheriting, onExit: onExit)
  }
}
