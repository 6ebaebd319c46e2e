import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct StreamTableTests {
  @Test("what a peer says comes back to it")
  func echo() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    stage.witness.onReceived = { stream, bytes in
      stage.table.send(bytes, to: stream)
      return bytes.count
    }
    peer.say("hello".utf8)
    try stage.loop.turn(until: "the echo") {
      peer.listen()
      return peer.heard.count == 5
    }
    #expect(peer.heard == Array("hello".utf8))
    stage.table.close(stream)
    #expect(stage.table.count == 0 && stage.table.lentBytes == 0)
  }

  @Test("what the owner leaves is shown again with more, wherever the cut falls", arguments: 1..<16)
  func split(at cut: Int) throws {
    let stage = try Stage()
    let (_, peer) = try stage.pair()
    var lines: [[UInt8]] = []
    stage.witness.onReceived = { _, bytes in
      guard let newline = bytes.firstIndex(of: 10) else { return 0 }
      // One line at a time, so that the rest has to be kept.
      lines.append(bytes.extracting(first: newline).copied())
      return newline + 1
    }
    let text = Array("one\nthree\nseven\n".utf8)
    peer.say(text[..<cut])
    try stage.loop.turn(waitingAtMost: .milliseconds(20))
    for byte in text[cut...] {
      peer.say([byte])
      try stage.loop.turn(waitingAtMost: .milliseconds(20))
    }
    // Whatever waits is shown with the next bytes.
    for _ in 0..<3 {
      peer.say([10])
      try stage.loop.turn(waitingAtMost: .milliseconds(20))
    }
    #expect(lines.filter { !$0.isEmpty } == ["one", "three", "seven"].map { Array($0.utf8) })
  }

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

  @Test("an owner that closes while it hears may read on, whatever is queued meanwhile")
  func closeInside() throws {
    let stage = try Stage()
    let (slow, slowPeer) = try stage.pair()
    let (_, peer) = try stage.pair()
    stage.clog(slow)
    let waiting = stage.table.pendingBytes(of: slow)
    let noise = [UInt8](repeating: 0xEE, count: (256 << 10) - waiting)
    var intact = false
    stage.witness.onReceived = { stream, bytes in
      if stream == slow { return bytes.count }
      let before = bytes.copied()
      stage.table.close(stream)
      stage.table.send(noise.span, to: slow)
      intact = bytes.copied() == before
      return bytes.count
    }
    peer.say("last words".utf8)
    try stage.loop.turn(until: "the close") { peer.listen() }
    #expect(intact)
    stage.table.close(slow)
    #expect(stage.table.lentBytes == 0)
    withExtendedLifetime(slowPeer) {}
  }

  @Test("a stream taken in while the one before it in its place is heard gets what it is sent")
  func replacedInside() throws {
    let stage = try Stage()
    let (_, peer) = try stage.pair()
    let (spare, second) = try stage.connection()
    var newcomer: StreamID?
    stage.witness.onReceived = { stream, bytes in
      stage.table.close(stream)
      newcomer = stage.table.adopt(Descriptor(owning: spare))
      let greeting = Array("welcome".utf8)
      if let newcomer { stage.table.send(greeting.span, to: newcomer) }
      return bytes.count
    }
    peer.say([1])
    try stage.loop.turn(until: "the greeting") {
      second.listen()
      return second.heard == Array("welcome".utf8)
    }
  }

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

  @Test("a peer's end and its reset are told apart", arguments: [false, true])
  func peersEnd(reset: Bool) throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    peer.leave(reset: reset)
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == (reset ? .reset : .eof) }
    #expect(stage.table.count == 0)
  }

  @Test("an old name names nothing, though its place is taken again")
  func staleName() throws {
    let stage = try Stage(streams: 1)
    let (old, first) = try stage.pair()
    stage.table.close(old)
    let (new, peer) = try stage.pair()
    #expect(old.index == new.index && old != new)
    let bytes: [UInt8] = [1]
    let taken = stage.table.send(bytes.span, to: old)
    #expect(!taken)
    stage.table.close(old, reset: true)
    stage.table.finish(old)
    stage.table.pause(old)
    stage.table.yield(old)
    #expect(stage.table.holds(new) && !stage.table.holds(old))
    #expect(StreamID(number: new.number) == new)
    let (surplus, turnedAway) = try stage.connection()
    let seated = stage.table.adopt(Descriptor(owning: surplus))
    #expect(seated == nil)
    try stage.loop.turn(until: "the surplus is closed") { turnedAway.listen() }
    withExtendedLifetime((first, peer)) {}
  }

  @Test("a linger timer set for an earlier stream of the place leaves its successor alone")
  func staleLinger() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    stage.table.ready(stream.index | (stream.generation & 0xFFF) << 20, [])
    #expect(stage.table.holds(stream))
    withExtendedLifetime(peer) {}
  }

  @Test("a connection nobody accepts is told as refused")
  func refused() throws {
    let stage = try Stage()
    let unused = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let port = try #require(Socket.localPort(of: unused.number))
    _ = Glibc.close(unused.release())
    let stream = try stage.table.connect(to: .tcp(host: "127.0.0.1", port: port))
    try stage.loop.turn(until: "the refusal") { stage.witness.ends[stream] == .refused }
    #expect(stage.witness.opened.isEmpty)
  }

  @Test("a connection paused before it stands opens all the same, and hears nothing until resumed")
  func pausedConnect() throws {
    let stage = try Stage()
    let stream = try stage.table.connect(to: stage.address)
    stage.table.pause(stream)
    let peer = Peer(Descriptor(owning: try stage.accept()))
    try stage.loop.turn(until: "it stands") { stage.witness.opened == [stream] }
    peer.say([5])
    for _ in 0..<3 { try stage.loop.turn(waitingAtMost: .milliseconds(2)) }
    #expect(stage.witness.heard[stream] == nil)
    stage.table.resume(stream)
    try stage.loop.turn(until: "it hears") { stage.witness.heard[stream] == [5] }
  }

  @Test("an owner that yields is shown the rest in a later turn, also after the peer's end")
  func yielding() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    var seen: [UInt8] = []
    stage.witness.onReceived = { stream, bytes in
      seen.append(bytes[0])
      if bytes.count > 1 { stage.table.yield(stream) }
      return 1
    }
    peer.say([1, 2, 3, 4, 5])
    peer.shutdown()
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == .eof }
    #expect(seen == [1, 2, 3, 4, 5])
  }

  @Test("an owner that yields for ever without taking a byte does not hold the loop")
  func stubbornYield() throws {
    let stage = try Stage()
    let (stream, peer) = try stage.pair()
    stage.witness.onReceived = { stream, _ in
      stage.table.yield(stream)
      return 0
    }
    peer.say([1])
    peer.leave()
    try stage.loop.turn(until: "the end") { stage.witness.ends[stream] == .eof }
    #expect(stage.table.lentBytes == 0)
  }

  @Test("two thousand streams come, talk and go, and leave nothing lent")
  func thousands() throws {
    _ = Machine.raiseDescriptorLimit()
    let stage = try Stage(streams: 2000)
    stage.witness.onReceived = { stream, bytes in
      // Half of them leave something behind.
      if stream.index % 2 == 0 { return 0 }
      stage.table.send(bytes, to: stream)
      return bytes.count
    }
    var peers: [Peer] = []
    for _ in 0..<2000 { peers.append(try stage.pair().1) }
    #expect(stage.table.count == 2000)
    for peer in peers { peer.say(Array("some words".utf8)) }
    try stage.loop.turn(until: "all answers") {
      peers.indices.allSatisfy { index in
        index % 2 == 0 || peers[index].heard.count == 10 || { peers[index].listen() }()
          || peers[index].heard.count == 10
      } && stage.table.bytesIn == 20_000
    }
    #expect(stage.table.lentBytes == 1000 * 4096)
    for (index, peer) in peers.enumerated() { peer.leave(reset: index % 3 == 0) }
    try stage.loop.turn(until: "all are gone") { stage.table.count == 0 }
    #expect(stage.witness.ends.count == 2000)
    #expect(stage.table.lentBytes == 0)
  }
}
