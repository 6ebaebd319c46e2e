import Bytes
import Testing

@testable import EventLoop

@Suite struct StreamEndsTests {
  @Test("finish sends all that was queued, then FIN and no RST", arguments: [false, true])
  func finish(inside: Bool) throws {
    let stage = try Stage(output: 8 << 20)
    let (stream, peer) = try stage.pair()
    let answer = [UInt8](repeating: 3, count: 5 << 20)
    let goodbye: () -> Void = {
      stage.table.send(answer.span, to: stream)
      stage.table.finish(stream)
      let more = stage.table.send(answer.span, to: stream)
      #expect(!more)
    }
    stage.witness.onReceived = { _, bytes in
      if inside { goodbye() }
      return bytes.count
    }
    peer.say("question".utf8)
    try stage.loop.turn(waitingAtMost: .milliseconds(20))
    if !inside { goodbye() }
    // Unread input would turn the end into a reset.
    peer.say("and one more thing".utf8)
    try stage.loop.turn(until: "the peer sees the end") { peer.listen(limit: 200_000) }
    #expect(peer.end == .eof)
    #expect(peer.heard.count == answer.count)
    peer.leave()
    try stage.loop.turn(until: "the owner hears of it") { stage.witness.ends[stream] == .closed }
    #expect(stage.table.lentBytes == 0 && stage.table.count == 0)
  }

  @Test("a paused stream that finishes still hears its peer's end")
  func finishPaused() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    stage.table.pause(stream)
    peer.say("unheard".utf8)
    try stage.loop.turn(waitingAtMost: .milliseconds(5))
    stage.table.finish(stream)
    try stage.loop.turn(until: "FIN") { peer.listen() }
    #expect(peer.end == .eof)
    peer.leave()
    // Well before the linger time of two seconds.
    try stage.loop.turn(until: "the end", turns: 100) { stage.witness.ends[stream] == .closed }
  }

  @Test("a reset reaches the peer as one")
  func reset() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    stage.table.close(stream, reset: true)
    try stage.loop.turn(until: "the end") { peer.listen() }
    #expect(peer.end == .reset)
  }

  @Test("a reset that a send has met first is told as one, to that stream alone")
  func metBySend() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    peer.leave(reset: true)
    _ = stage.table.send([1, 2, 3].span, to: stream)
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == .reset }
    let (next, other) = try stage.pair()
    #expect(next.slot == stream.slot)
    other.leave(reset: false)
    try stage.loop.turn(until: "the next one's end") { stage.witness.ends[next] == .eof }
  }

  @Test("a peer's end and its reset are told apart", arguments: [false, true])
  func peersEnd(reset: Bool) throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    peer.leave(reset: reset)
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == (reset ? .reset : .eof) }
    #expect(stage.table.count == 0)
  }

  @Test("a linger timer set for an earlier stream of the place leaves its successor alone")
  func staleLinger() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    stage.table.ready(stream.index | (stream.generation & 0xFFF) << 20, [])
    #expect(stage.table.holds(stream))
    withExtendedLifetime(peer) {}
  }

  @Test("a thousand streams come, talk and go, and leave nothing lent")
  func thousand() throws {
    // Both ends are ours: a user may often have four thousand descriptors, and other tests have some at the same time.
    _ = Machine.raiseDescriptorLimit()
    let stage = try Stage(streams: 1000)
    stage.witness.onReceived = { stream, bytes in
      // Half of them leave something behind.
      if stream.index % 2 == 0 { return 0 }
      stage.table.send(bytes, to: stream)
      return bytes.count
    }
    var peers: [Peer] = []
    for _ in 0..<1000 { peers.append(try stage.pair().1) }
    #expect(stage.table.count == 1000)
    for peer in peers { peer.say(Array("some words".utf8)) }
    try stage.loop.turn(until: "all answers") {
      peers.indices.allSatisfy { index in
        index % 2 == 0 || peers[index].heard.count == 10 || { peers[index].listen() }()
          || peers[index].heard.count == 10
      } && stage.table.bytesIn == 10_000
    }
    #expect(stage.table.lentBytes == 500 * 4096)
    for (index, peer) in peers.enumerated() { peer.leave(reset: index % 3 == 0) }
    try stage.loop.turn(until: "all are gone") { stage.table.count == 0 }
    #expect(stage.witness.ends.count == 1000)
    #expect(stage.table.lentBytes == 0)
  }
}
