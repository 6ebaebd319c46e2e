import Glibc
import Testing

@testable import EventLoop

@Suite(.serialized) struct ListenerTests {
  @Test("connections are handed over, a bounded number a turn")
  func budget() throws {
    let bench = try LoopBench()
    let socket = try Self.open()
    var accepted = 0
    let listener = Listener(bench.loop, socket: socket.number, budget: 2) { _ in accepted += 1 }
    try listener.resume()
    var peers: [Peer] = []
    for _ in 0..<5 { peers.append(try Self.connect(to: socket)) }
    var largest = 0
    try bench.turn(until: "all five") {
      let before = accepted
      try? bench.loop.turn(waitingAtMost: .milliseconds(2))
      largest = max(largest, accepted - before)
      return accepted == 5
    }
    #expect(largest <= 2)
  }

  @Test("a pause from inside stops at once; the rest waits in the queue until `resume`")
  func pause() throws {
    let bench = try LoopBench()
    let socket = try Self.open()
    var accepted = 0
    var pause = {}
    let listener = Listener(bench.loop, socket: socket.number) { _ in
      accepted += 1
      pause()
    }
    pause = { [unowned listener] in listener.pause() }
    try listener.resume()
    var peers: [Peer] = []
    for _ in 0..<3 { peers.append(try Self.connect(to: socket)) }
    try bench.turn(until: "the first") { accepted == 1 }
    try bench.turn(times: 5)
    #expect(accepted == 1)
    try listener.resume()
    try bench.turn(until: "the second") { accepted == 2 }
  }

  @Test("with no descriptor left one is turned away, accepting rests, and goes on by itself")
  func noDescriptors() async throws {
    // The limit belongs to the whole process, so a process of its own is starved.
    await #expect(processExitsWith: .success) {
      let bench = try LoopBench()
      let socket = try ListenerTests.open()
      var accepted: [Int32] = []
      let listener = Listener(bench.loop, socket: socket.number) { accepted.append($0.release()) }
      try listener.resume()
      let turnedAway = try ListenerTests.connect(to: socket)
      let patient = try ListenerTests.connect(to: socket)
      ListenerTests.starve()
      try bench.turn(until: "one turned away") { listener.refusedForDescriptors == 1 }
      #expect(accepted.isEmpty)
      try bench.turn(until: "its end") { turnedAway.text.isEmpty && turnedAway.end != nil }
      listener.pause()
      ListenerTests.feed()
      var isOver = false
      bench.loop.after(.milliseconds(40)) { isOver = true }
      try bench.turn(until: "the rest is over") { isOver }
      #expect(accepted.isEmpty, "accepted although its owner has paused it")
      try listener.resume()
      try bench.turn(until: "the patient one") { accepted.count == 1 }
      #expect(patient.end == nil)
    }
  }

  static func open() throws -> Descriptor { try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0)) }

  static func connect(to socket: borrowing Descriptor) throws -> Peer {
    let port = try #require(Socket.localPort(of: socket.number))
    return Peer(try Socket.connect(to: .tcp(host: "127.0.0.1", port: port)))
  }

  /// No further descriptor may be opened from now on.
  static func starve() {
    let lowestFree = dup(0)
    close(lowestFree)
    limitDescriptors { _ in rlim_t(lowestFree) }
  }

  static func feed() { limitDescriptors { $0.rlim_max } }

  private static func limitDescriptors(_ count: (rlimit) -> rlim_t) {
    let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    // SAFETY: both calls only use the record for their own time.
    _ = unsafe getrlimit(descriptors, &limit)
    limit.rlim_cur = count(limit)
    _ = unsafe setrlimit(descriptors, &limit)
  }
}
