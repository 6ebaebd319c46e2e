import Bytes
import Testing

@testable import EventLoop

/// `pause`, `resume` and `yield` of a table.
@Suite struct StreamPauseTests {
  @Test("a pause from inside keeps what was not used; `resume` shows it without a new byte")
  func pauseInside() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    var heard: [UInt8] = []
    bench.ear.hear = { id, bytes in
      heard.append(bytes[0])
      bench.table.pause(id)
      return 1
    }
    peer.send("abc")
    for expected in ["a", "ab", "abc"] {
      try bench.turn(until: expected) { heard == Array(expected.utf8) }
      try bench.turn(times: 5)
      #expect(heard == Array(expected.utf8), "heard while paused")
      bench.table.resume(stream)
    }
    #expect(bench.table.lentBytes == 0)
  }

  @Test("a pause with a full extent does not end the stream, and not one byte is lost")
  func pauseFull() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    let all = pattern(1 << 20)
    var heard: [UInt8] = []
    var wasFull = false
    var takes = false
    bench.ear.hear = { id, bytes in
      if takes {
        heard += bytes.copied()
        return bytes.count
      }
      if bytes.count == 256 << 10 {
        wasFull = true
        bench.table.pause(id)
      }
      return 0
    }
    var sent = 0
    try bench.turn(until: "a full extent") {
      sent += max(0, peer.send(Array(all[sent...])))
      return wasFull
    }
    try bench.turn(times: 10)
    takes = true
    bench.table.resume(stream)
    try bench.turn(until: "all of it") {
      if sent < all.count { sent += max(0, peer.send(Array(all[sent...]))) }
      return heard.count == all.count
    }
    #expect(heard == all)
    #expect(bench.ear.endings.isEmpty)
  }

  @Test("resumed while its answers wait unread, a stream is heard once they are taken")
  func resumeUnread() throws {
    let bench = try StreamBench(output: 32 << 20)
    let (stream, peer) = try bench.pair()
    var heard = 0
    bench.ear.hear = { id, bytes in
      heard += 1
      if heard == 1 { bench.table.pause(id) }
      return heard == 1 ? 1 : bytes.count
    }
    peer.send("ab")
    try bench.turn(until: "the first") { heard == 1 }
    let piece = pattern(1 << 20)
    while bench.table.pendingBytes(of: stream) < 1 << 20 { bench.send(piece, to: stream) }
    bench.table.resume(stream)
    try bench.turn(times: 5)
    #expect(heard == 1, "its answers are not taken yet")
    try bench.turn(until: "the rest") {
      peer.listen()
      return heard == 2
    }
  }

  @Test("a yield shows the rest again in later turns, once each")
  func yieldInside() throws {
    let bench = try StreamBench()
    let (_, peer) = try bench.pair()
    var heard: [UInt8] = []
    bench.ear.hear = { id, bytes in
      heard.append(bytes[0])
      if bytes.count > 1 { bench.table.yield(id) }
      return 1
    }
    peer.send("abcdefgh")
    try bench.turn(until: "the first") { !heard.isEmpty }
    for _ in 0..<8 {
      let before = heard.count
      try bench.loop.turn(waitingAtMost: .zero)
      #expect(heard.count <= before + 1)
    }
    #expect(heard == Array("abcdefgh".utf8))
    #expect(bench.table.lentBytes == 0)
  }

  @Test("one that yields and goes on talking is not heard more often from turn to turn")
  func yieldFlood() throws {
    let bench = try StreamBench()
    let (_, peer) = try bench.pair()
    bench.ear.hear = { id, bytes in
      bench.table.yield(id)
      return min(16, bytes.count)
    }
    let flood = pattern(4096)
    var most = 0
    for _ in 0..<200 {
      peer.send(flood)
      let before = bench.ear.calls
      try bench.loop.turn(waitingAtMost: .milliseconds(1))
      most = max(most, bench.ear.calls - before)
    }
    #expect(most <= 2)
  }

  @Test("a yield with nothing left does not excuse an owner that is stuck later")
  func yieldOfNothing() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    bench.ear.hear = { id, bytes in
      if bench.ear.calls > 1 { return 0 }
      bench.table.yield(id)
      return bytes.count
    }
    peer.send("x")
    try bench.turn(until: "the first") { bench.ear.calls == 1 }
    let flood = pattern(64 << 10)
    try bench.turn(until: "the end", atMost: 300) {
      peer.send(flood)
      return !bench.ear.endings.isEmpty
    }
    #expect(bench.ear.endings == [.init(stream: stream, end: .overflow)])
  }

  @Test("what was put off is heard before the peer's end is told")
  func endBehindYield() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    var heard: [UInt8] = []
    bench.ear.hear = { id, bytes in
      heard.append(bytes[0])
      if bytes.count > 1 { bench.table.yield(id) }
      return 1
    }
    peer.send("abcdefgh")
    peer.shutdownWrite()
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(heard == Array("abcdefgh".utf8))
    #expect(bench.ear.endings == [.init(stream: stream, end: .eof)])
  }

  @Test("a pause while the end is near keeps the rest until `resume`, then the end is told")
  func pauseBeforeEnd() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    var heard: [UInt8] = []
    bench.ear.hear = { id, bytes in
      heard.append(bytes[0])
      if heard.count == 4 {
        bench.table.pause(id)
      } else if bytes.count > 1 {
        bench.table.yield(id)
      }
      return 1
    }
    peer.send("abcdefgh")
    peer.shutdownWrite()
    try bench.turn(until: "the fourth") { heard.count == 4 }
    try bench.turn(times: 10)
    #expect(bench.ear.endings.isEmpty, "the end was told before what came in front of it")
    bench.table.resume(stream)
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(heard == Array("abcdefgh".utf8))
    #expect(bench.ear.endings == [.init(stream: stream, end: .eof)])
  }

  @Test("a reset while paused ends the stream once instead of waking the loop for ever")
  func resetWhilePaused() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    bench.table.pause(stream)
    peer.reset()
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: stream, end: .reset)])
    #expect(bench.table.count == 0)
  }
}
