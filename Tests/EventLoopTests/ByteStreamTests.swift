import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct ByteStreamTests {
  @Test("what is sent before the connection stands arrives when it does, and what is left is shown again")
  func talk() throws {
    let stage = try Stage()
    let stream = try ByteStream(stage.loop, connecting: stage.address)
    var lines: [[UInt8]] = []
    var opened = 0
    stream.onOpen = { opened += 1 }
    stream.onBytes = { bytes in
      guard let newline = bytes.firstIndex(of: 10) else { return 0 }
      lines.append(bytes.extracting(first: newline).copied())
      return newline + 1
    }
    stream.write { $0.append("hello") }
    let peer = Peer(Descriptor(owning: try stage.accept()))
    try stage.loop.turn(until: "hello") {
      peer.listen()
      return peer.heard.count == 5
    }
    for byte in "over\n".utf8 {
      peer.say([byte])
      try stage.loop.turn(waitingAtMost: .milliseconds(20))
    }
    #expect(opened == 1 && lines == [Array("over".utf8)])
    stream.close()
    try stage.loop.turn(until: "the peer sees it") { peer.listen() }
    #expect(peer.end == .eof)
  }

  @Test("its end is told once and with its reason", arguments: [false, true])
  func end(reset: Bool) throws {
    let stage = try Stage()
    let stream = try ByteStream(stage.loop, connecting: stage.address)
    var ends: [StreamEnd] = []
    stream.onEnd = { ends.append($0) }
    let peer = Peer(Descriptor(owning: try stage.accept()))
    try stage.loop.turn(until: "it stands") { stream.isOpen }
    peer.leave(reset: reset)
    try stage.loop.turn(until: "the end") { !ends.isEmpty }
    stream.close()
    stream.write { $0.append("too late") }
    try stage.loop.turn(waitingAtMost: .milliseconds(2))
    #expect(ends == [reset ? .reset : .eof])
  }

  @Test("two megabytes to a slow reader arrive whole")
  func slowReader() throws {
    let stage = try Stage()
    let stream = try ByteStream(stage.loop, connecting: stage.address)
    let peer = Peer(Descriptor(owning: try stage.accept()))
    let block = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
    for _ in 0..<5 { stream.send(block.span) }
    try stage.loop.turn(until: "all", turns: 5000) {
      peer.listen(limit: 200_000)
      return peer.heard.count == 5 * block.count
    }
    let whole = peer.heard == block + block + block + block + block
    #expect(whole && stream.pendingBytes == 0)
    stream.close()
  }

  @Test("an owner that closes inside its callback hears nothing more; input beyond the limit ends it")
  func closeInside() throws {
    let stage = try Stage()
    let (first, peer) = try stage.connection()
    let stream = try ByteStream(stage.loop, adopting: Descriptor(owning: first))
    var calls = 0
    stream.onEnd = { _ in calls += 100 }
    stream.onBytes = { bytes in
      calls += 1
      stream.close()
      return bytes.count
    }
    peer.say([1])
    try stage.loop.turn(until: "the close") { peer.listen() }
    #expect(calls == 1)

    let (second, flood) = try stage.connection()
    let greedy = try ByteStream(stage.loop, adopting: Descriptor(owning: second), inputLimit: 1000)
    var end: StreamEnd?
    greedy.onEnd = { end = $0 }
    greedy.onBytes = { _ in 0 }
    flood.say([UInt8](repeating: 1, count: 1001))
    try stage.loop.turn(until: "the end") { end == .overflow }
  }
}
