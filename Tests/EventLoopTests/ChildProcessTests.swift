import Glibc
import Testing

@testable import EventLoop

@Suite struct ChildProcessTests {
  private func run(
    _ script: String, inheriting: [Int32: Int32] = [:], _ act: (ChildProcess) -> Void = { _ in }
  ) throws -> ProcessExit? {
    let loop = try EventLoop()
    var exit: ProcessExit?
    let child = try ChildProcess(
      loop, path: "/bin/sh", arguments: ["-c", script], inheriting: inheriting
    ) { exit = $0 }
    act(child)
    try loop.turn(until: "\(script) ends") { exit != nil }
    #expect(child.exit == exit)
    return exit
  }

  @Test("an exit code arrives as it was", arguments: [0, 1, 42, 255] as [Int32])
  func exitCode(_ code: Int32) throws {
    #expect(try run("exit \(code)") == .code(code))
  }

  @Test("a signal's end is told as one", arguments: [SIGTERM, SIGKILL])
  func signal(_ number: Int32) throws {
    #expect(try run("exec sleep 60") { $0.signal(number) } == .signal(number))
  }

  @Test("a program that is not there is an error here, whatever is to be inherited", arguments: [0, 100])
  func missing(inherited: Int32) throws {
    let loop = try EventLoop()
    let line = try Pipe()
    // Around the lowest free number, so that one of them is the pipe the child reports by.
    let first = max(3, line.read - 50)
    let mapping = Dictionary(uniqueKeysWithValues: (0..<inherited).map { (first + $0, line.write) })
    #expect(throws: SystemError("start /no/such/program", ENOENT)) {
      _ = try ChildProcess(loop, path: "/no/such/program", arguments: [], inheriting: mapping) { _ in }
    }
  }

  @Test("inherited descriptors arrive in their places, also when two change theirs")
  func swapped() throws {
    let (first, second) = (try Pipe(), try Pipe())
    // Each one's target is the other's number.
    let (low, high) = (first.write, second.write)
    let exit = try run(
      "echo to-low >/proc/self/fd/\(low); echo to-high >/proc/self/fd/\(high)",
      inheriting: [low: high, high: low])
    #expect(exit == .code(0))
    #expect(second.text() == "to-low\n")
    #expect(first.text() == "to-high\n")
  }

  @Test("a child keeps nothing it was not given, though we were given it ourselves")
  func nothingElse() throws {
    let line = try Pipe()
    let stray = fcntl(line.read, F_DUPFD, 100)
    defer { _ = Glibc.close(stray) }
    let exit = try run(
      "test -e /proc/self/fd/\(stray) && exit 9; test -e /proc/self/fd/3 || exit 8",
      inheriting: [3: line.write])
    #expect(exit == .code(0))
  }

  @Test("arguments and environment arrive as they are")
  func words() throws {
    let loop = try EventLoop()
    let line = try Pipe()
    var exit: ProcessExit?
    _ = try ChildProcess(
      loop, path: "/bin/sh", arguments: ["-c", "echo \"$0|$1|$WORD\" >&3", "a b", ""],
      environment: ["WORD=ß=1"], inheriting: [3: line.write]
    ) { exit = $0 }
    try loop.turn(until: "the end") { exit != nil }
    #expect(line.text() == "a b||ß=1\n")
  }

  @Test("a child dies with its parent")
  func diesWithUs() async throws {
    let result = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
      let loop = try EventLoop()
      let child = try ChildProcess(loop, path: "/bin/sleep", arguments: ["60"]) { _ in }
      print("child", child.pid)
      fflush(nil)
      _exit(0)
    }
    let text = String(decoding: result.standardOutputContent, as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("child ") })
    let pid = try #require(Int32(line.dropFirst(6)))
    // Gone, or dead and waiting for its new parent to take note.
    let state = { (try? SmallFile.read("/proc/\(pid)/stat"))?.split(separator: " ").dropFirst(2).first }
    let loop = try EventLoop()
    try loop.turn(until: "the child is gone") { state() == nil || state() == "Z" || state() == "X" }
  }

  @Test("a program started with SIGCHLD ignored hears of its children all the same")
  func ignoredChildSignal() async {
    await #expect(processExitsWith: .success) {
      Glibc.signal(SIGCHLD, SIG_IGN)
      let loop = try EventLoop()
      var exit: ProcessExit?
      _ = try ChildProcess(loop, path: "/bin/sh", arguments: ["-c", "exit 3"]) { exit = $0 }
      for _ in 0..<4000 where exit == nil { try loop.turn(waitingAtMost: .milliseconds(5)) }
      _exit(exit == .code(3) ? 0 : 1)
    }
  }

  @Test("a child that somebody else reaped is over, and does not keep the loop awake")
  func reapedElsewhere() throws {
    let loop = try EventLoop()
    var exit: ProcessExit?
    let child = try ChildProcess(loop, path: "/bin/sh", arguments: ["-c", "exit 3"]) { exit = $0 }
    let reaped = waitpid(child.pid, nil, 0)
    #expect(reaped == child.pid)
    try loop.turn(until: "the end") { exit == .unknown }
  }

  @Test("signals come as events of the loop")
  func signals() async {
    await #expect(processExitsWith: .success) {
      let loop = try EventLoop()
      var heard: [Int32] = []
      let signals = try Signals(loop, [SIGUSR1, SIGUSR2]) { heard.append($0) }
      raise(SIGUSR2)
      raise(SIGUSR1)
      for _ in 0..<4000 where heard.count < 2 { try loop.turn(waitingAtMost: .milliseconds(5)) }
      withExtendedLifetime(signals) {}
      _exit(heard.sorted() == [SIGUSR1, SIGUSR2].sorted() ? 0 : 1)
    }
  }
}
