import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct StreamTableTests {
  @Test("what is sent from inside `received` comes back in one piece")
  func echo() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    bench.ear.hear = { id, bytes in
      bench.table.send(bytes, to: id)
      bench.send("!", to: id)
      return bytes.count
    }
    peer.send("hello")
    try bench.turn(until: "the echo") { peer.text == "hello!" }
    #expect(bench.table.holds(stream))
    #expect(bench.table.lentBytes == 0, "a stream at rest holds nothing")
  }

  @Test("input that is not used up is kept and shown again in front of the rest", arguments: 1...7)
  func partial(size: Int) throws {
    let bench = try StreamBench()
    let (_, peer) = try bench.pair()
    var words: [String] = []
    // Words of seven bytes, sent in pieces of `size`.
    bench.ear.hear = { _, bytes in
      var used = 0
      while bytes.count - used >= 7 {
        let word = bytes.extracting(used..<used + 7)
        words.append(String(decoding: word.copied(), as: UTF8.self))
        used += 7
      }
      return used
    }
    let all = Array("monday.tuesdaywednesd".utf8)
    for start in stride(from: 0, to: all.count, by: size) {
      let before = bench.ear.calls
      peer.send(Array(all[start..<min(start + size, all.count)]))
      try bench.turn(until: "a call") { bench.ear.calls > before }
    }
    #expect(words == ["monday.", "tuesday", "wednesd"])
    #expect(bench.table.lentBytes == 0)
  }

  @Test("an owner that is done with nothing of a full extent loses the stream")
  func stuck() throws {
    let bench = try StreamBench()
    let (stream, peer) = try bench.pair()
    bench.ear.hear = { _, _ in 0 }
    let flood = pattern(64 << 10)
    try bench.turn(until: "the end") {
      peer.send(flood)
      return !bench.ear.endings.isEmpty
    }
    #expect(bench.ear.endings == [.init(stream: stream, end: .overflow)])
    #expect(bench.table.lentBytes == 0)
  }

  @Test("three megabytes reach a slow reader in order, and meanwhile it is not read from")
  func slowReader() throws {
    let bench = try StreamBench(output: 16 << 20)
    let (stream, peer) = try bench.pair()
    let piece = pattern(100_000)
    for _ in 0..<80 { #expect(bench.send(piece, to: stream)) }
    #expect(bench.table.pendingBytes(of: stream) > 256 << 10)
    peer.send("are you there?")
    try bench.turn(times: 20)
    #expect(bench.ear.calls == 0, "read from although it does not take its answers")
    try bench.turn(until: "all of it") {
      peer.listen(upTo: 200_000)
      return peer.heard.count == 8_000_000
    }
    #expect((0..<80).allSatisfy { Array(peer.heard[$0 * 100_000..<($0 + 1) * 100_000]) == piece })
    try bench.turn(until: "to be heard again") { bench.ear.calls == 1 }
    #expect(bench.table.lentBytes == 0)
  }

  @Test("at the output limit `send` says no and queues nothing")
  func outputLimit() throws {
    let bench = try StreamBench(output: 300_000)
    let (stream, peer) = try bench.pair()
    let piece = pattern(100_000)
    var accepted = 0
    while bench.send(piece, to: stream) { accepted += 1 }
    #expect(bench.table.pendingBytes(of: stream) <= 300_000)
    try bench.turn(until: "what was accepted") {
      peer.listen()
      return peer.heard.count == accepted * 100_000
    }
    try bench.turn(times: 5)
    peer.listen()
    #expect(peer.heard.count == accepted * 100_000)
  }

  @Test("with no memory left a stream that needs some is ended, the others stay")
  func memoryLimit() throws {
    let bench = try StreamBench(memory: 100 << 10)
    let (stream, peer) = try bench.pair()
    let (other, far) = try bench.pair()
    peer.send("x")
    try bench.turn(until: "the end") { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: stream, end: .overflow)])
    #expect(bench.table.holds(other))
    #expect(far.text.isEmpty && far.end == nil)
  }

  @Test("a name outlives its stream without harm, and the place is used again under another name")
  func staleNames() throws {
    let bench = try StreamBench(streams: 1)
    let (first, _) = try bench.pair()
    bench.table.close(first)
    let (second, peer) = try bench.pair()
    #expect(second.index == first.index && second != first)
    #expect(!bench.send("lost", to: first))
    bench.table.close(first)
    bench.table.finish(first)
    bench.table.pause(first)
    bench.table.resume(first)
    bench.table.yield(first)
    try bench.turn(times: 3)
    #expect(bench.table.holds(second) && bench.table.count == 1)
    bench.send("kept", to: second)
    try bench.turn(until: "the second") { peer.text == "kept" }
  }

  @Test("a full table refuses and closes the socket")
  func full() throws {
    let bench = try StreamBench(streams: 1)
    let (_, _) = try bench.pair()
    let peer = Peer(try Socket.connect(to: .tcp(host: "127.0.0.1", port: bench.port)))
    #expect(bench.table.adopt(try bench.accept()) == nil)
    try bench.turn(until: "its end") { peer.text.isEmpty && peer.end == .eof }
  }

  @Test("our own connection opens, talks and ends; nobody there is `refused`")
  func connecting() throws {
    let bench = try StreamBench()
    let stream = try bench.table.connect(to: .tcp(host: "127.0.0.1", port: bench.port))
    #expect(!bench.send("early", to: stream))
    let peer = Peer(try bench.accept())
    try bench.turn(until: "opened") { bench.ear.openings == [stream] }
    bench.send("hi", to: stream)
    try bench.turn(until: "hi") { peer.text == "hi" }

    let closed = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let port = try #require(Socket.localPort(of: closed.number))
    _ = Glibc.close(closed.release())
    let refused = try bench.table.connect(to: .tcp(host: "127.0.0.1", port: port))
    try bench.turn(until: "the refusal") { !bench.ear.endings.isEmpty }
    #expect(bench.ear.endings == [.init(stream: refused, end: .refused)])
  }

  @Test("a stream paused while it connects still opens, and is heard from `resume` on")
  func pausedConnect() throws {
    let bench = try StreamBench()
    let stream = try bench.table.connect(to: .tcp(host: "127.0.0.1", port: bench.port))
    bench.table.pause(stream)
    let peer = Peer(try bench.accept())
    peer.send("x")
    try bench.turn(until: "opened") { bench.ear.openings == [stream] }
    try bench.turn(times: 5)
    #expect(bench.ear.calls == 0)
    bench.table.resume(stream)
    try bench.turn(until: "the byte") { bench.ear.calls == 1 }
  }

  @Test("hundreds of streams with partial input and unsent output leave nothing behind")
  func allReturned() throws {
    let bench = try StreamBench(streams: 400, output: 1 << 20, memory: 1 << 30)
    var random = TimerWheelTests.Random(state: 7)
    var pairs: [(StreamID, Peer)] = []
    bench.ear.hear = { _, bytes in bytes.count / 2 }
    for _ in 0..<400 { pairs.append(try bench.pair()) }
    for (index, (stream, peer)) in pairs.enumerated() {
      peer.send(pattern(Int.random(in: 1...20_000, using: &random)))
      if index % 40 == 0 {
        let piece = pattern(100_000)
        while bench.send(piece, to: stream) {}
      }
    }
    try bench.turn(until: "all heard") { bench.ear.calls >= 360 }
    #expect(bench.table.lentBytes > 0)
    pairs.shuffle(using: &random)
    for (index, (stream, _)) in pairs.enumerated() where index % 3 == 0 {
      bench.table.close(stream, reset: index % 2 == 0)
    }
    pairs.removeAll()
    try bench.turn(until: "all gone") { bench.table.count == 0 }
    #expect(bench.table.lentBytes == 0)
  }
}
