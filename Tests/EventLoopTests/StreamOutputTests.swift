import Bytes
import Testing

@testable import EventLoop

@Suite struct StreamOutputTests {
  @Test("three megabytes reach a slow reader whole and in order")
  func slowReader() throws {
    let stage = try Stage(output: 8 << 20)
    let (stream, peer) = try stage.pair()
    var random = Random(state: 7)
    var expected: [UInt8] = []
    stage.clog(stream)
    let already = Int(stage.table.bytesOut) + stage.table.pendingBytes(of: stream)
    while expected.count < 3 << 20 {
      let block = (0..<Int.random(in: 1...70_000, using: &random)).map { UInt8(truncatingIfNeeded: $0) }
      let fits = stage.table.send(block.span, to: stream)
      #expect(fits)
      expected += block
      peer.listen(limit: 10_000)
      try stage.loop.turn(waitingAtMost: .zero)
    }
    #expect(stage.table.pendingBytes(of: stream) > 0)
    try stage.loop.turn(until: "all of it", turns: 5000) {
      peer.listen(limit: 100_000)
      return peer.heard.count >= already + expected.count
    }
    let same = Array(peer.heard[already...]) == expected
    #expect(same)
    #expect(stage.table.pendingBytes(of: stream) == 0 && stage.table.lentBytes == 0)
  }

  @Test("a peer that does not read its answers is not read from until it does")
  func readPause() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    stage.clog(stream)
    let block = [UInt8](repeating: 1, count: 300 << 10)
    stage.table.send(block.span, to: stream)
    peer.say("question".utf8)
    for _ in 0..<5 { try stage.loop.turn(waitingAtMost: .milliseconds(2)) }
    #expect(stage.witness.heard[stream] == nil)
    try stage.loop.turn(until: "the question is heard") {
      peer.listen()
      return stage.witness.heard[stream] == Array("question".utf8)
    }
  }

  @Test("at the bound a message is refused whole, and the stream goes on whole")
  func refusal() throws {
    let stage = try Stage(output: 128 << 10)
    let (stream, peer) = try stage.pair()
    stage.clog(stream)
    var sent = Int(stage.table.bytesOut) + stage.table.pendingBytes(of: stream)
    let message = [UInt8](repeating: 7, count: 1000)
    var refused = 0
    for _ in 0..<1000 {
      if stage.table.send(message.span, to: stream) { sent += 1000 } else { refused += 1 }
    }
    #expect(refused > 0)
    try stage.loop.turn(until: "all that was taken") {
      peer.listen()
      return peer.heard.count == sent
    }
    #expect(stage.table.holds(stream))
    #expect(stage.witness.ends.isEmpty)
  }

  @Test("a stream whose message was cut by the bound ends, for what follows would be nonsense")
  func cut() throws {
    let stage = try Stage(output: 64 << 10)
    let (stream, peer) = try stage.pair()
    let message = [UInt8](repeating: 7, count: 12 << 20)
    let small: [UInt8] = [9]
    let taken = [stage.table.send(message.span, to: stream), stage.table.send(small.span, to: stream)]
    #expect(taken == [false, false])
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == .overflow }
    try stage.loop.turn(until: "the peer sees it") { peer.listen() }
    let followed = peer.heard.contains(9)
    #expect(!followed)
    #expect(stage.table.lentBytes == 0)
  }

  @Test("a render that finds no room ends its stream")
  func renderedCut() throws {
    let stage = try Stage(output: 64 << 10)
    let (stream, peer) = try stage.pair()
    stage.clog(stream)
    let large = [UInt8](repeating: 7, count: 100 << 10)
    stage.table.write(to: stream) { $0.append(large.span) }
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == .overflow }
    withExtendedLifetime(peer) {}
  }

  @Test("answers beyond the bound end the stream")
  func answersCut() throws {
    let stage = try Stage(output: 64 << 10)
    let (stream, peer) = try stage.pair()
    let answer = [UInt8](repeating: 7, count: 12 << 20)
    stage.witness.onReceived = { stream, bytes in
      stage.table.send(answer.span, to: stream)
      return bytes.count
    }
    peer.say([1])
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == .overflow }
    #expect(stage.table.lentBytes == 0)
  }

  @Test("slow readers that fill the memory do not deafen the others")
  func fullMemory() throws {
    let stage = try Stage(output: 4 << 20, memory: 1 << 20)
    let (other, asker) = try stage.pair()
    let block = [UInt8](repeating: 7, count: 4 << 10)
    var peers: [Peer] = []
    for _ in 0..<8 {
      let (slow, peer) = try stage.pair()
      peers.append(peer)
      for _ in 0..<5000 { if !stage.table.send(block.span, to: slow) { break } }
    }
    asker.say("still there?".utf8)
    try stage.loop.turn(until: "the question is heard") {
      stage.witness.heard[other] == Array("still there?".utf8) || stage.witness.ends[other] != nil
    }
    #expect(stage.witness.ends[other] == nil)
    withExtendedLifetime(peers) {}
  }
}
