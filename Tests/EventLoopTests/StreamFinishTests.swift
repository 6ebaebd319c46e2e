import Bytes
import Testing

@testable import EventLoop

/// `close` and `finish` of a table, seen from both ends.
@Suite struct StreamFinishTests {
  @Test("what was sent before `close` arrives, inside of `received` or outside", arguments: [true, false])
  func sentThenClosed(inside: Bool) throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    if inside {
      bench.ear.hear = { id, bytes in
        bench.send("bye", to: id)
        bench.table.close(id)
        return bytes.count
      }
      peer.send("x")
    } else {
      bench.send("bye", to: stream)
      bench.table.close(stream)
    }
    try bench.turn(until: "bye and the end") { peer.text == "bye" && peer.end == .eof }
    #expect(bench.ear.endings.isEmpty, "the owner closed it itself")
    #expect(bench.table.lentBytes == 0 && bench.table.count == 0)
  }

  @Test("a stream taken in while another closes in its place loses none of its bytes")
  func placeUsedAtOnce() throws {
    let bench = try StreamBench(streams: 1)
    let (_, peer) = try bench.pair()
    let next = FarEnd(try Socket.connect(to: .tcp(host: "127.0.0.1", port: bench.port)))
    var waiting: [Int32] = [try bench.accept().release()]
    bench.ear.hear = { id, bytes in
      bench.table.close(id)
      if let number = waiting.popLast(), let other = bench.table.adopt(Descriptor(owning: number)) {
        bench.send("welcome", to: other)
      }
      return bytes.count
    }
    peer.send("x")
    try bench.turn(until: "the welcome") { next.text == "welcome" }
  }

  @Test("the bytes being heard stay as they are after the owner has closed the stream")
  func heardAfterClose() throws {
    let bench = try StreamBench()
    let (_, peer) = try bench.pair()
    let (other, far) = try bench.pair()
    let noise = [UInt8](repeating: 0xEE, count: 200_000)
    let little = [UInt8](repeating: 0xEE, count: 1000)
    while bench.table.pendingBytes(of: other) == 0 { bench.send(little, to: other) }
    let message = pattern(1000)
    var after: [UInt8] = []
    bench.ear.hear = { id, bytes in
      bench.table.close(id)
      // Grows the other's queue into an extent of the size that was just being heard.
      bench.send(noise, to: other)
      after = bytes.copied()
      return bytes.count
    }
    peer.send(message)
    try bench.turn(until: "the message") { !after.isEmpty }
    #expect(after == message)
    #expect(far.end == nil)
  }

  @Test("`close` with reset is a reset for the peer")
  func reset() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    bench.table.close(stream, reset: true)
    try bench.turn(until: "the reset") { peer.text.isEmpty && peer.end == .reset }
  }

  @Test(
    "`finish` sends all, then FIN and never RST, though the peer goes on talking", arguments: [true, false])
  func finish(inside: Bool) throws {
    let bench = try StreamBench(output: 16 << 20)
    let (stream, peer) = try bench.pair()
    let all = pattern(8 << 20)
    if inside {
      bench.ear.hear = { id, bytes in
        bench.send(all, to: id)
        bench.table.finish(id)
        return 0
      }
      peer.send("x")
    } else {
      bench.send(all, to: stream)
      bench.table.finish(stream)
      #expect(!bench.send("more", to: stream))
    }
    try bench.turn(until: "all and FIN") {
      peer.send("noise")
      peer.listen(upTo: 300_000)
      return peer.end != nil
    }
    #expect(peer.end == .eof && peer.heard == all)
    peer.shutdownWrite()
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: stream, end: .closed)])
    #expect(bench.table.lentBytes == 0)
  }

  @Test("a peer that has said its last before it reads still gets all of a finished stream")
  func finishHalfClosed() throws {
    let bench = try StreamBench(output: 16 << 20)
    let (stream, peer) = try bench.pair()
    // Little enough to wait that the stream is still being read.
    let piece = pattern(1000)
    var sent = 0
    while bench.table.pendingBytes(of: stream) < 50_000 {
      bench.send(piece, to: stream)
      sent += 1
    }
    bench.table.finish(stream)
    peer.shutdownWrite()
    try bench.turn(times: 20)
    try bench.turn(until: "all and FIN") {
      peer.listen(upTo: 300_000)
      return peer.end != nil
    }
    #expect(peer.end == .eof && peer.heard.count == sent * 1000)
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: stream, end: .closed)])
  }

  @Test("a finished stream whose peer never reads ends some day")
  func finishUnread() throws {
    let bench = try StreamBench(output: 16 << 20)
    bench.table.finishPatience = .milliseconds(50)
    let (stream, peer) = try bench.pair()
    let all = pattern(8 << 20)
    bench.send(all, to: stream)
    bench.table.finish(stream)
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: stream, end: .closed)])
    #expect(bench.table.lentBytes == 0)
    _ = peer
  }

  @Test("a stream that is finished while paused ends well")
  func finishPaused() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    bench.table.pause(stream)
    bench.send("bye", to: stream)
    bench.table.finish(stream)
    try bench.turn(until: "FIN") { peer.text == "bye" && peer.end == .eof }
    peer.shutdownWrite()
    try bench.turn(until: "the end", atMost: 500) { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: stream, end: .closed)])
  }

  @Test("finishing what still connects ends it")
  func finishConnecting() throws {
    let bench = try StreamBench()
    let stream = try bench.table.connect(to: .tcp(host: "127.0.0.1", port: bench.port))
    bench.table.finish(stream)
    #expect(bench.ear.endings.isEmpty, "told from inside the call")
    try bench.turn(until: "the end", atMost: 500) { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: stream, end: .closed)])
    #expect(bench.ear.openings.isEmpty)
  }

  @Test("a finished stream that is answered with a full extent of nonsense still sends its last words")
  func finishFull() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    bench.ear.hear = { id, bytes in
      if bytes.count == 256 << 10 {
        bench.send("too large", to: id)
        bench.table.finish(id)
      }
      return 0
    }
    let flood = pattern(64 << 10)
    try bench.turn(until: "the last words") {
      peer.send(flood)
      return peer.text == "too large"
    }
    peer.shutdownWrite()
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(peer.end == .eof)
    #expect(bench.ear.endings == [.init(stream: stream, end: .closed)])
  }
}
