import Bytes
import Glibc
import Testing

@testable import EventLoop

/// A table, its owner and real loopback sockets to talk to it, driven one turn at a time.
final class StreamBench {
  let loop: EventLoop
  let table: StreamTable
  let ear = Ear()
  let port: UInt16
  private let listener: Descriptor

  init(streams: Int = 16, output: Int = 4 << 20, memory: Int = 64 << 20) throws {
    loop = try EventLoop()
    table = try StreamTable(loop, limits: .init(streams: streams, output: output, memory: memory), owner: ear)
    listener = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    port = try #require(Socket.localPort(of: listener.number))
  }

  /// A stream of the table and the far end of its connection.
  func pair() throws -> (StreamID, FarEnd) {
    let peer = FarEnd(try Socket.connect(to: .tcp(host: "127.0.0.1", port: port)))
    return (try #require(table.adopt(try accept())), peer)
  }

  func accept() throws -> Descriptor {
    for _ in 0..<1000 {
      let number = Glibc.accept(listener.number, nil, nil)
      if number >= 0 {
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        return Descriptor(owning: number)
      }
      try loop.turn(waitingAtMost: .milliseconds(1))
    }
    throw SystemError("accept", EAGAIN)
  }

  @discardableResult
  func send(_ bytes: [UInt8], to stream: StreamID) -> Bool { table.send(bytes.span, to: stream) }

  @discardableResult
  func send(_ text: String, to stream: StreamID) -> Bool { send(Array(text.utf8), to: stream) }

  /// Turns the loop until `isTrue`; says what was waited for when that does not come.
  func turn(
    until what: String, atMost turns: Int = 10_000, at place: SourceLocation = #_sourceLocation,
    _ isTrue: () -> Bool
  ) throws {
    for _ in 0..<turns {
      if isTrue() { return }
      try loop.turn(waitingAtMost: .milliseconds(2))
    }
    #expect(isTrue(), "waited in vain: \(what)", sourceLocation: place)
  }

  func turn(times: Int) throws {
    for _ in 0..<times { try loop.turn(waitingAtMost: .zero) }
  }
}

/// Does what a test tells it, and writes down what it heard.
final class Ear: StreamOwner {
  struct Ending: Equatable {
    let stream: StreamID
    let end: StreamEnd
  }

  var hear: (StreamID, Span<UInt8>) -> Int = { _, bytes in bytes.count }
  private(set) var calls = 0
  private(set) var openings: [StreamID] = []
  private(set) var endings: [Ending] = []

  func opened(_ stream: StreamID) { openings.append(stream) }

  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    calls += 1
    return hear(stream, bytes)
  }

  func ended(_ stream: StreamID, _ end: StreamEnd) { endings.append(Ending(stream: stream, end: end)) }
}

/// The far end: a plain socket without a loop.
final class FarEnd {
  private let socket: Descriptor
  private(set) var heard: [UInt8] = []
  private(set) var end: StreamEnd?

  init(_ socket: consuming Descriptor) { self.socket = socket }

  /// How many of the bytes the kernel took.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int { max(-1, Socket.send(bytes.span, to: socket.number)) }

  @discardableResult
  func send(_ text: String) -> Int { send(Array(text.utf8)) }

  /// Reads what is there, up to about `limit` bytes.
  func listen(upTo limit: Int = .max) {
    var room = [UInt8](repeating: 0, count: min(limit, 64 << 10))
    var taken = 0
    while end == nil, taken < limit {
      var span = room.mutableSpan
      switch Socket.receive(into: &span, from: socket.number) {
      case .bytes(let count):
        heard += room[..<count]
        taken += count
      case .notNow: return
      case .end(let reason): end = reason
      }
    }
  }

  var text: String {
    listen()
    return String(decoding: heard, as: UTF8.self)
  }

  func shutdownWrite() { Socket.shutdownWrite(socket.number) }

  /// The next end of this socket is a RST.
  func reset() {
    Socket.resetOnClose(socket.number)
    // The number stays taken until the peer goes, so that nobody else gets it.
    let other = unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    _ = dup2(other, socket.number)
    _ = Glibc.close(other)
  }
}

/// Bytes whose every place can be told from its neighbours, and from the same place a page on.
func pattern(_ count: Int) -> [UInt8] {
  let block = (0..<min(count, 4099)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  if block.count == count { return block }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count)
  while bytes.count + block.count <= count { bytes += block }
  return bytes + block.prefix(count - bytes.count)
}
