import Bytes
import Glibc
import Testing

@testable import EventLoop

/// A table with an owner whose behaviour each test chooses, and blocking peers.
@Suite struct StreamTableTests {
  private final class Owner: StreamOwner {
    let loop: EventLoop
    let table: StreamTable
    var heard: (StreamID, Span<UInt8>) -> Int = { _, bytes in bytes.count }
    var ends: [StreamID: StreamEnd] = [:]
    var openings: [StreamID] = []

    init(limits: StreamLimits = .init(streams: 64)) throws {
      loop = try EventLoop()
      table = try StreamTable(loop, limits: limits)
      table.owner = self
    }

    func opened(_ stream: StreamID) { openings.append(stream) }
    func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int { heard(stream, bytes) }
    func ended(_ stream: StreamID, _ end: StreamEnd) { ends[stream] = end }

    /// A stream of the table and the peer's end of it.
    func pair() throws -> (StreamID, Peer) {
      var ends: [Int32] = [0, 0]
      // SAFETY: two elements, as the call wants.
      #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
      _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
      guard let stream = table.adopt(Descriptor(owning: ends[0])) else { throw Full() }
      return (stream, Peer(ends[1]))
    }

    /// Turns the loop until it is so; twenty seconds are more than any turn of these tests takes, anywhere.
    func turn(until isSo: () -> Bool) throws {
      let end = Moment.current + .seconds(20)
      while !isSo() {
        try #require(Moment.current < end, "the loop was turned in vain")
        try loop.turn(waitingAtMost: .milliseconds(10))
      }
    }

    func turn(_ times: Int) throws { for _ in 0..<times { try loop.turn(waitingAtMost: .milliseconds(1)) } }
  }

  private struct Full: Error {}

  private final class Peer {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close() }

    private var isOpen = true
    func close() {
      if isOpen { _ = Glibc.close(number) }
      isOpen = false
    }

    func send(_ bytes: [UInt8]) {
      // SAFETY: the array's own count is passed along.
      let sent = unsafe Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      #expect(sent == bytes.count)
    }

    /// What is there, without waiting; nil at the end.
    func take(_ most: Int = 1 << 20) -> [UInt8]? {
      var bytes = [UInt8](repeating: 0, count: most)
      // SAFETY: the buffer's own size is passed along.
      let count = unsafe recv(number, &bytes, most, Int32(MSG_DONTWAIT))
      if count == 0 { return nil }
      return count < 0 ? [] : Array(bytes.prefix(count))
    }
  }

  @Test("what a peer says is heard, what is answered reaches it")
  func echo() throws {
    let owner = try Owner()
    owner.heard = { stream, bytes in
      owner.table.send(bytes, to: stream)
      return bytes.count
    }
    let (_, peer) = try owner.pair()
    peer.send(Array("hello".utf8))
    var answer: [UInt8] = []
    try owner.turn { () -> Bool in
      answer += peer.take() ?? []
      return answer.count == 5
    }
    #expect(answer == Array("hello".utf8))
  }

  @Test("what is not done with is shown again, with more behind it", arguments: 1...9)
  func partialInput(_ step: Int) throws {
    let owner = try Owner()
    var shown: [[UInt8]] = []
    owner.heard = { _, bytes in
      shown.append(bytes.copied())
      return bytes.count >= 10 ? 10 : 0
    }
    let (_, peer) = try owner.pair()
    let message = Array("0123456789".utf8)
    for start in stride(from: 0, to: 10, by: step) {
      peer.send(Array(message[start..<min(10, start + step)]))
      let before = shown.count
      try owner.turn { shown.count > before }
    }
    #expect(shown.last == message)
    #expect(shown.allSatisfy { message.starts(with: $0) })
  }

  @Test("a paused stream is not heard, and loses nothing")
  func pausing() throws {
    let owner = try Owner()
    var total = 0
    owner.heard = { _, bytes in
      total += bytes.count
      return bytes.count
    }
    let (stream, peer) = try owner.pair()
    owner.table.pause(stream)
    peer.send([UInt8](repeating: 7, count: 1000))
    try owner.turn(5)
    #expect(total == 0)
    owner.table.resume(stream)
    try owner.turn { total == 1000 }
  }

  @Test("who pauses while hearing keeps the rest, and hears it when it goes on, without a new byte")
  func pausingInside() throws {
    let owner = try Owner()
    var heard: [Int] = []
    owner.heard = { stream, bytes in
      heard.append(bytes.count)
      if heard.count == 1 {
        owner.table.pause(stream)
        return 4
      }
      return bytes.count
    }
    let (stream, peer) = try owner.pair()
    peer.send([UInt8](repeating: 1, count: 10))
    try owner.turn { heard.count == 1 }
    try owner.turn(5)
    #expect(heard == [10])
    owner.table.resume(stream)
    try owner.turn { heard.count == 2 }
    #expect(heard == [10, 6])
  }

  @Test("who yields is shown the rest in the next turn, and others have theirs before")
  func yielding() throws {
    let owner = try Owner()
    var order: [String] = []
    let (greedy, greedyPeer) = try owner.pair()
    owner.heard = { stream, bytes in
      order.append(stream == greedy ? "greedy \(bytes.count)" : "other")
      if stream == greedy && bytes.count > 1 {
        owner.table.yield(stream)
        return 1
      }
      return bytes.count
    }
    let (_, otherPeer) = try owner.pair()
    greedyPeer.send([1, 2, 3])
    otherPeer.send([9])
    try owner.turn { order.count == 4 }
    #expect(order.filter { $0 != "other" } == ["greedy 3", "greedy 2", "greedy 1"])
    #expect(order.firstIndex(of: "other") ?? 9 < 2)
  }

  @Test("the peer's last words are heard even when it is gone and they were put off")
  func yieldedAtTheEnd() throws {
    let owner = try Owner()
    var total = 0
    owner.heard = { stream, bytes in
      total += 1
      if bytes.count > 1 { owner.table.yield(stream) }
      return 1
    }
    let (stream, peer) = try owner.pair()
    peer.send([1, 2, 3, 4, 5])
    peer.close()
    try owner.turn { owner.ends[stream] != nil }
    #expect(total == 5)
    #expect(owner.ends[stream] == .eof)
  }

  @Test("a long answer waits for a slow reader, in order and whole")
  func slowReader() throws {
    let owner = try Owner()
    let long = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    owner.heard = { stream, bytes in
      owner.table.send(long.span, to: stream)
      return bytes.count
    }
    let (stream, peer) = try owner.pair()
    peer.send([1])
    try owner.turn { owner.table.pendingBytes(of: stream) > 0 }
    var got: [UInt8] = []
    try owner.turn { () -> Bool in
      got += peer.take(100_000) ?? []
      return got.count == long.count
    }
    #expect(got == long)
    #expect(owner.table.pendingBytes(of: stream) == 0)
  }

  @Test("a reader that lets too much pile up is told no, and gets no half message")
  func outputLimit() throws {
    let owner = try Owner(limits: .init(streams: 8, output: 1 << 20))
    let (stream, peer) = try owner.pair()
    let piece = [UInt8](repeating: 3, count: 300_000)
    var taken = 0
    while owner.table.send(piece.span, to: stream) { taken += 1 }
    #expect(owner.table.pendingBytes(of: stream) <= 1 << 20)
    #expect((3...8).contains(taken))
    var count = 0
    try owner.turn { () -> Bool in
      count += peer.take()?.count ?? 0
      return owner.table.pendingBytes(of: stream) == 0 && peer.take(1)?.isEmpty == true
    }
    #expect(count == taken * piece.count)
  }

  @Test("an answer beyond the bound ends the stream: it is not left out in silence")
  func answerTooLong() throws {
    let owner = try Owner(limits: .init(streams: 8, output: 1 << 20))
    let (stream, peer) = try owner.pair()
    let long = [UInt8](repeating: 3, count: 3 << 20)
    owner.heard = { stream, bytes in
      owner.table.send(long.span, to: stream)
      return bytes.count
    }
    peer.send([1])
    try owner.turn { owner.ends[stream] != nil }
    #expect(owner.ends[stream] == .overflow)
  }

  @Test("closing while being heard, from both sides")
  func closingInside() throws {
    let owner = try Owner()
    owner.heard = { stream, bytes in
      owner.table.send(bytes, to: stream)
      owner.table.close(stream)
      return bytes.count
    }
    let (stream, peer) = try owner.pair()
    peer.send([1, 2, 3])
    try owner.turn { peer.take() == nil }
    #expect(!owner.table.holds(stream))
    #expect(owner.ends.isEmpty)
    #expect(owner.table.count == 0)
  }

  @Test("to finish is to send everything first, then the end")
  func finishing() throws {
    let owner = try Owner()
    let long = [UInt8](repeating: 5, count: 1_000_000)
    owner.heard = { stream, bytes in
      owner.table.send(long.span, to: stream)
      owner.table.finish(stream)
      return bytes.count
    }
    let (stream, peer) = try owner.pair()
    peer.send([1])
    var count = 0
    var isOver = false
    try owner.turn { () -> Bool in
      if let bytes = peer.take(50_000) { count += bytes.count } else { isOver = true }
      return isOver
    }
    #expect(count == long.count)
    peer.close()
    try owner.turn { owner.ends[stream] != nil }
    #expect(owner.ends[stream] == .closed)
  }

  @Test("a name outlives its stream without harm, and places are used again")
  func staleNames() throws {
    let owner = try Owner(limits: .init(streams: 1))
    let (first, firstPeer) = try owner.pair()
    owner.table.close(first)
    firstPeer.close()
    let (second, peer) = try owner.pair()
    #expect(first.index == second.index && first != second)
    let one: [UInt8] = [1]
    let toFirst = owner.table.send(one.span, to: first)
    #expect(!toFirst)
    owner.table.close(first)
    owner.table.finish(first)
    owner.table.pause(first)
    #expect(owner.table.holds(second))
    let toSecond = owner.table.send(one.span, to: second)
    #expect(toSecond)
    #expect(peer.take() == [1])
    #expect(StreamID(number: second.number) == second)
    #expect(owner.table.stream(at: second.index) == second)
    #expect(!owner.table.holds(StreamID(number: .max)))
    var ends: [Int32] = [0, 0]
    // SAFETY: two elements, as the call wants.
    _ = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    let third = owner.table.adopt(Descriptor(owning: ends[0]))
    #expect(third == nil)
    _ = Glibc.close(ends[1])
  }

  @Test("a paused stream whose peer is gone ends, and does not wake the loop for ever")
  func goneWhilePaused() throws {
    let owner = try Owner()
    let (stream, peer) = try owner.pair()
    owner.table.pause(stream)
    peer.close()
    try owner.turn { owner.ends[stream] != nil }
    #expect(owner.table.count == 0)
  }

  @Test("connecting to nobody is refused")
  func refused() throws {
    let owner = try Owner()
    let stream = try owner.table.connect(to: .tcp(host: "127.0.0.1", port: 1))
    try owner.turn { owner.ends[stream] != nil }
    #expect(owner.ends[stream] == .refused)
  }

  @Test("an owner that is never done with a full extent is let go")
  func neverDone() throws {
    let owner = try Owner()
    owner.heard = { _, _ in 0 }
    let (stream, peer) = try owner.pair()
    _ = fcntl(peer.number, F_SETFL, O_NONBLOCK)
    let piece = [UInt8](repeating: 1, count: 65_536)
    try owner.turn { () -> Bool in
      // SAFETY: the array's own count is passed along.
      _ = unsafe Glibc.send(peer.number, piece, piece.count, Int32(MSG_NOSIGNAL))
      return owner.ends[stream] != nil
    }
    #expect(owner.ends[stream] == .overflow)
  }
}
