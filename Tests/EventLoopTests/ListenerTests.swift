import Glibc
import Testing

@testable import EventLoop

@Suite struct ListenerTests {
  private final class Port {
    let number: Int32
    let address: SocketAddress
    init() throws {
      let socket = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
      address = .tcp(host: "127.0.0.1", port: try #require(Socket.localPort(of: socket.number)))
      number = socket.release()
    }
    deinit { _ = Glibc.close(number) }
  }

  @Test("a turn accepts no more than its budget, a paused listener nothing")
  func budget() throws {
    let loop = try EventLoop()
    let port = try Port()
    var accepted: [Int] = []
    var count = 0
    let listener = Listener(loop, socket: port.number, budget: 3) { _ in count += 1 }
    var peers: [Peer] = []
    for _ in 0..<7 { peers.append(Peer(try Socket.connect(to: port.address))) }
    try loop.turn(waitingAtMost: .milliseconds(2))
    #expect(count == 0)
    try listener.resume()
    try listener.resume()
    for _ in 0..<3 {
      try loop.turn(waitingAtMost: .milliseconds(50))
      accepted.append(count)
    }
    #expect(accepted == [3, 6, 7])
    listener.pause()
    listener.pause()
    peers.append(Peer(try Socket.connect(to: port.address)))
    try loop.turn(waitingAtMost: .milliseconds(2))
    #expect(count == 7)
    try listener.resume()
    try loop.turn(until: "the eighth") { count == 8 }
    listener.pause()
  }

  @Test("an owner that pauses from inside is given no more in this turn")
  func pauseInside() throws {
    let loop = try EventLoop()
    let port = try Port()
    var count = 0
    var listener: Listener?
    listener = Listener(loop, socket: port.number) { _ in
      count += 1
      listener?.pause()
    }
    let peers = try (0..<3).map { _ in Peer(try Socket.connect(to: port.address)) }
    try listener?.resume()
    try loop.turn(waitingAtMost: .milliseconds(50))
    #expect(count == 1)
    listener = nil
    withExtendedLifetime(peers) {}
  }

  /// Takes every descriptor this process may have; it must be one of its own.
  fileprivate static func exhaust() {
    var limit = rlimit()
    _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = 256
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    while dup(2) >= 0 {}
  }

  @Test("with no descriptor left a peer is turned away at once, and the loop rests instead of spinning")
  func turnAway() async {
    await #expect(processExitsWith: .success) {
      let loop = try EventLoop()
      let port = try Port()
      var count = 0
      let listener = Listener(loop, socket: port.number) { _ in count += 1 }
      try listener.resume()
      let peers = [Peer(try Socket.connect(to: port.address)), Peer(try Socket.connect(to: port.address))]
      ListenerTests.exhaust()
      var turns = 0
      while !(peers[0].listen() && peers[1].listen()) && turns < 2000 {
        // Another thread of the test's own process may have given one back.
        while dup(2) >= 0 {}
        try loop.turn(waitingAtMost: .milliseconds(100))
        turns += 1
      }
      _exit((listener.refusedForDescriptors == 2 ? 0 : 1) | (count == 0 ? 0 : 2) | (turns < 20 ? 0 : 4))
    }
  }

  @Test("a listener paused while it rests stays paused")
  func pausedWhileResting() async {
    await #expect(processExitsWith: .success) {
      let loop = try EventLoop()
      let port = try Port()
      var count = 0
      let listener = Listener(loop, socket: port.number) { _ in count += 1 }
      try listener.resume()
      let first = Peer(try Socket.connect(to: port.address))
      let second = Peer(try Socket.connect(to: port.address))
      ListenerTests.exhaust()
      for _ in 0..<100 where listener.refusedForDescriptors == 0 {
        while dup(2) >= 0 {}
        try loop.turn(waitingAtMost: .milliseconds(100))
      }
      listener.pause()
      var isOver = false
      loop.after(.milliseconds(60)) { isOver = true }
      while !isOver { try loop.turn(waitingAtMost: nil) }
      let refused = listener.refusedForDescriptors
      withExtendedLifetime((first, second)) {}
      _exit(refused == 1 && count == 0 ? 0 : 1)
    }
  }
}
