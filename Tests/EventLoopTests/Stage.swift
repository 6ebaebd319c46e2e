import Bytes
import Glibc
import Testing

@testable import EventLoop

struct Random: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension EventLoop {
  /// Turns until `condition` holds, so often and for twenty seconds; a test that waits in vain says for what.
  func turn(
    until what: String, turns: Int = 2000, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
  ) throws {
    let end = Moment.current + .seconds(20)
    var turned = 0
    while turned < turns || Moment.current < end {
      if try condition() { return }
      try turn(waitingAtMost: .milliseconds(5))
      turned += 1
    }
    Issue.record("it never came to this: \(what)", sourceLocation: sourceLocation)
  }
}

/// The other end of a connection, in the test's own hands. It never blocks.
final class Peer {
  private(set) var heard: [UInt8] = []
  private(set) var end: StreamEnd?
  private var number: Int32

  init(_ descriptor: consuming Descriptor) { number = descriptor.release() }

  deinit { leave() }

  func leave(reset: Bool = false) {
    if number < 0 { return }
    if reset { Socket.resetOnClose(number) }
    _ = Glibc.close(number)
    number = -1
  }

  func shutdown() { Socket.shutdownWrite(number) }

  /// Sends what the kernel takes now and tells how much that was.
  @discardableResult
  func say(_ bytes: some Collection<UInt8>) -> Int {
    let bytes = Array(bytes)
    return max(-1, Socket.send(bytes.span, to: number))
  }

  /// Takes up to `limit` bytes and looks for the end.
  @discardableResult
  func listen(limit: Int = .max) -> Bool {
    var buffer = ByteBuffer()
    while buffer.count < limit, end == nil {
      var outcome = Socket.Received.notNow
      buffer.append(upTo: min(64 << 10, limit - buffer.count)) { spare in
        outcome = Socket.receive(into: &spare, from: number)
        if case .bytes(let count) = outcome { return count }
        return 0
      }
      switch outcome {
      case .bytes: continue
      case .end(let reason): end = reason
      case .notNow: break
      }
      break
    }
    heard += buffer.bytes.copied()
    return end != nil
  }
}

/// Notes all a table tells, and answers as the test says.
final class Witness: StreamOwner {
  var opened: [StreamID] = []
  var ends: [StreamID: StreamEnd] = [:]
  var heard: [StreamID: [UInt8]] = [:]
  var onReceived: ((StreamID, Span<UInt8>) -> Int)?

  func opened(_ stream: StreamID) { opened.append(stream) }

  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    if let onReceived { return onReceived(stream, bytes) }
    heard[stream, default: []] += bytes.copied()
    return bytes.count
  }

  func ended(_ stream: StreamID, _ end: StreamEnd) { ends[stream] = end }
}

/// A loop, a table, its owner, and a port of the loopback that leads there.
final class Stage {
  let loop: EventLoop
  let table: StreamTable
  let witness = Witness()
  let port: UInt16
  private let socket: Int32

  init(streams: Int = 64, output: Int = 4 << 20, memory: Int = 64 << 20) throws {
    loop = try EventLoop()
    table = try StreamTable(
      loop, limits: .init(streams: streams, output: output, memory: memory), owner: witness)
    let listener = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    port = try #require(Socket.localPort(of: listener.number))
    socket = listener.release()
  }

  deinit { _ = Glibc.close(socket) }

  var address: SocketAddress { .tcp(host: "127.0.0.1", port: port) }

  /// Two connected ends, neither in the table yet.
  func connection() throws -> (ours: Int32, peer: Peer) {
    let peer = Peer(try Socket.connect(to: address))
    return (ours: try accept(), peer: peer)
  }

  func accept() throws -> Int32 {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    let ready = unsafe poll(&entry, 1, 2000)
    try #require(ready == 1)
    let number = Glibc.accept(socket, nil, nil)
    try #require(number >= 0)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
    return number
  }

  func pair() throws -> (StreamID, Peer) {
    let (ours, peer) = try connection()
    let stream = table.adopt(Descriptor(owning: ours))
    return (try #require(stream), peer)
  }

  /// A peer that has filled what the kernel holds for it: from here on the table queues.
  func clog(_ stream: StreamID) {
    let block = [UInt8](repeating: 0, count: 64 << 10)
    for _ in 0..<1000 where table.pendingBytes(of: stream) == 0 { table.send(block.span, to: stream) }
  }
}

/// A pipe's two ends, closed on exec and with it.
final class Pipe {
  let read: Int32
  let write: Int32
  private var isWriteOpen = true

  init() throws {
    var ends: [Int32] = [0, 0]
    let made = unsafe pipe(&ends)
    try #require(made == 0)
    (read, write) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // Our reading side alone: a writer's is a blocking one, as a program's standard error is.
    _ = fcntl(read, F_SETFL, O_NONBLOCK)
  }

  deinit {
    _ = Glibc.close(read)
    closeWrite()
  }

  func closeWrite() {
    if isWriteOpen { _ = Glibc.close(write) }
    isWriteOpen = false
  }

  /// What is in it now.
  func text() -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe Glibc.read(read, &buffer, buffer.count)
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
      all += buffer[..<count]
    }
  }
}
