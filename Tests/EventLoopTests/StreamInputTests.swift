import Bytes
import Testing

@testable import EventLoop

@Suite struct StreamInputTests {
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
}
