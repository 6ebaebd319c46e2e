import Bytes
import Glibc
import Testing

@testable import EventLoop

/// Two tables over the same pages: what the first leaves, the second goes on with.
@Suite struct StreamTakeOverTests {
  private final class Slot {
    let stage: Stage
    let pages: SharedPages
    let table: StreamTable
    let witness = Witness()
    var kept: [StreamID: Int32] = [:]

    static let limits = StreamLimits(streams: 16, output: 8 << 20, memory: 64 << 20)

    init() throws {
      stage = try Stage()
      pages = try SharedPages(name: "test-slot", byteCount: StreamLayout(Self.limits).byteCount)
      table = try StreamTable(stage.loop, limits: Self.limits, in: pages, owner: witness)
    }

    deinit { for number in kept.values { _ = Glibc.close(number) } }

    func pair() throws -> (StreamID, Peer) {
      let (ours, peer) = try stage.connection()
      let adopted = table.adopt(Descriptor(owning: ours))
      let stream = try #require(adopted)
      kept[stream] = dup(ours)
      return (stream, peer)
    }

    func record(_ stream: StreamID, _ change: (inout StreamRecord) -> Void) {
      change(&table.records[stream.slot])
    }

    /// The first table is heard no more; the second one serves.
    func takeOver(
      isExact: Bool = false, spill: (StreamID) -> ExtentID = { _ in .none }
    ) throws -> (heir: Heir, taken: StreamTable.TakenOver) {
      table.suspend()
      // The dead hold no sockets.
      for number in table.letGo({ _, _ in }) {
        stage.loop.unwatch(number)
        _ = Glibc.close(number)
      }
      let heir = try Heir(pages)
      let taken = heir.table.takeOver(isExact: isExact, spill: spill) { kept.removeValue(forKey: $0) }
      return (heir, taken)
    }
  }

  private final class Heir {
    let loop: EventLoop
    let table: StreamTable
    let witness = Witness()

    init(_ pages: SharedPages) throws {
      loop = try EventLoop()
      table = try StreamTable(loop, limits: Slot.limits, in: pages, owner: witness)
    }

    func text(of stream: StreamID) -> String { String(decoding: witness.heard[stream] ?? [], as: UTF8.self) }

    func echo() {
      witness.onReceived = { [unowned self] stream, bytes in
        table.send(bytes, to: stream)
        return bytes.count
      }
    }
  }

  @Test("input that was heard in part is shown again, with what comes behind it", arguments: [true, false])
  func partialInput(isExact: Bool) throws {
    let slot = try Slot()
    let (stream, peer) = try slot.pair()
    slot.witness.onReceived = { _, bytes in min(2, bytes.count) }
    peer.say("abcdef".utf8)
    try slot.stage.loop.turn(until: "the first two") { slot.table.pendingInput(of: stream) > 0 }
    peer.say("gh".utf8)
    let (heir, taken) = try slot.takeOver(isExact: isExact)
    #expect(taken == .init(streams: 1))
    try heir.loop.turn(until: "the rest") { heir.text(of: stream) == "cdefgh" }
  }

  @Test("bytes read and not noted are heard", arguments: 0...6)
  func unnoted(count: Int) throws {
    let slot = try Slot()
    let (stream, peer) = try slot.pair()
    slot.witness.onReceived = { _, _ in 0 }
    peer.say("abcdef".utf8)
    try slot.stage.loop.turn(until: "six bytes") { slot.table.pendingInput(of: stream) == 6 }
    slot.record(stream) { $0.received -= UInt64(count) }
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1))
    try heir.loop.turn(until: "all of them") { heir.text(of: stream) == "abcdef" }
  }

  @Test("output that waits arrives to the byte, though what was sent is not noted", arguments: [0, 1, 4096])
  func output(unnoted: UInt64) throws {
    let slot = try Slot()
    let (stream, peer) = try slot.pair()
    let all = pattern(6 << 20)
    slot.table.send(all.span, to: stream)
    #expect(slot.table.pendingBytes(of: stream) > 0)
    slot.record(stream) { $0.sent -= unnoted }
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1))
    try heir.loop.turn(until: "everything") {
      peer.listen()
      return peer.heard.count >= all.count
    }
    #expect(peer.heard == all)
    #expect(heir.table.lentBytes == 0)
  }

  @Test("an answer sealed and not sent, or sent in part, leaves once", arguments: [false, true])
  func sealed(isLong: Bool) throws {
    let slot = try Slot()
    let (stream, peer) = try slot.pair()
    let answer = pattern(isLong ? 6 << 20 : 1000)
    slot.pages.write(answer.span, at: slot.table.layout.answerAt)
    slot.table.journal.begin(stream.slot)
    slot.table.journal.seal(stream.slot, place: slot.table.layout.answerAt, count: answer.count)
    if isLong { peer.leaveUnread(Socket.send(answer.span, to: slot.table.descriptors[stream.slot])) }
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1))
    try heir.loop.turn(until: "the answer") {
      peer.listen()
      return peer.heard.count >= answer.count
    }
    #expect(peer.heard == answer)
  }

  @Test("who was in work is told of, and goes on")
  func suspect() throws {
    let slot = try Slot()
    let (stream, peer) = try slot.pair()
    slot.table.journal.begin(stream.slot)
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1, suspect: stream))
    heir.echo()
    peer.say("x".utf8)
    try heir.loop.turn(until: "the echo") { peer.listen() || peer.heard == [120] }
  }

  @Test("a finishing stream sends the rest and FIN; a lingering one only waits", arguments: [4 << 20, 10])
  func finishing(count: Int) throws {
    let slot = try Slot()
    let (stream, peer) = try slot.pair()
    let all = pattern(count)
    slot.table.send(all.span, to: stream)
    slot.table.finish(stream)
    #expect(slot.table.records[stream.slot].phase == (count > 10 ? .finishing : .lingering))
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1))
    try heir.loop.turn(until: "all and FIN") { peer.listen() }
    #expect(peer.heard == all && peer.end == .eof)
    peer.leave()
    try heir.loop.turn(until: "the end") { heir.witness.ends[stream] == .closed }
    #expect(heir.table.count == 0 && heir.table.lentBytes == 0)
  }

  @Test("a socket nobody kept is missing, and its place is free again")
  func missing() throws {
    let slot = try Slot()
    let (lost, _) = try slot.pair()
    let (stream, peer) = try slot.pair()
    slot.kept.removeValue(forKey: lost).map { _ = Glibc.close($0) }
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1, missing: 1))
    #expect(!heir.table.holds(lost) && heir.table.holds(stream))
    heir.echo()
    peer.say("x".utf8)
    try heir.loop.turn(until: "the echo") { peer.listen() || peer.heard == [120] }
    let (ours, _) = try slot.stage.connection()
    let next = heir.table.adopt(Descriptor(owning: ours))
    #expect(next?.index == lost.index)
  }

  private static let lies: [(String, @Sendable (inout StreamRecord) -> Void)] = [
    ("consumed", { $0.consumed += 1000 }), ("consumed, far", { $0.consumed = .max }),
    ("input none", { $0.input = .none }), ("input unknown", { $0.input = ExtentID(size: 0, index: 77) }),
    ("input wild", { $0.input = ExtentID(raw: .max) }),
    ("inputBase above", { $0.inputBase = $0.consumed + 1 }),
    ("inputBase far", { $0.inputBase = .max }), ("queued short", { $0.queued = $0.queued &- 1000 }),
    ("queued far", { $0.queued = .max }), ("queued ahead", { $0.queued += 1 << 20 }),
    ("output none", { $0.queued += 5 }), ("broken", { $0.phase = .broken }),
    ("connecting", { $0.phase = .connecting }),
    (
      "output is input",
      {
        $0.queued += 5; $0.output = $0.input
      }
    ),
  ]

  @Test("a record with a wrong field resets its stream alone", arguments: lies.indices)
  func lie(_ index: Int) throws {
    let slot = try Slot()
    let (liar, victim) = try slot.pair()
    let (stream, peer) = try slot.pair()
    slot.witness.onReceived = { [table = slot.table] stream, _ in
      table.send(pattern(2000).span, to: stream)
      return 0
    }
    victim.say("abc".utf8)
    peer.say("abc".utf8)
    try slot.stage.loop.turn(until: "both") {
      slot.table.pendingInput(of: liar) == 3 && slot.table.pendingInput(of: stream) == 3
    }
    slot.record(liar, Self.lies[index].1)
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1, broken: 1), "\(Self.lies[index].0)")
    #expect(!heir.table.holds(liar))
    try heir.loop.turn(until: "the reset, and the other's bytes") {
      victim.listen()
      return victim.end != nil && heir.text(of: stream) == "abc"
    }
    #expect(victim.end == .reset)
  }

  @Test("an extent that two claim is the first one's, a spill among them", arguments: [true, false])
  func claimedTwice(bySpill: Bool) throws {
    let slot = try Slot()
    slot.witness.onReceived = { _, _ in 0 }
    let (first, one) = try slot.pair()
    let (second, two) = try slot.pair()
    one.say("one".utf8)
    two.say("two".utf8)
    try slot.stage.loop.turn(until: "both") {
      slot.table.pendingInput(of: first) == 3 && slot.table.pendingInput(of: second) == 3
    }
    let claimed = slot.table.records[first.slot].input
    if !bySpill { slot.record(second) { $0.input = claimed } }
    let (heir, taken) = try slot.takeOver { bySpill && $0 == second ? claimed : .none }
    #expect(taken == .init(streams: 1, broken: 1))
    try heir.loop.turn(until: "the first one's bytes") { heir.text(of: first) == "one" }
    #expect(heir.text(of: second) == "")
  }

  @Test(
    "a record of random bytes is reset as a broken one, and the others go on",
    arguments: 1...50 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    let slot = try Slot()
    let (first, _) = try slot.pair()
    let (second, peer) = try slot.pair()
    var random = Random(state: seed)
    let stride = MemoryLayout<StreamRecord>.stride
    // Behind the generation, without which it would be another stream's.
    let bytes = (4..<stride).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    slot.pages.write(bytes.span, at: slot.table.layout.recordsAt + first.slot * stride + 4)
    let (heir, taken) = try slot.takeOver()
    #expect(taken == .init(streams: 1, broken: 1), "seed \(seed)")
    peer.say("on".utf8)
    try heir.loop.turn(until: "the other one") { heir.text(of: second) == "on" }
  }

  @Test("a peer on a Unix socket is handed over as exactly as its notes are")
  func unix() throws {
    let slot = try Slot()
    var ends: [Int32] = [0, 0]
    let made = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    try #require(made == 0)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let peer = Peer(Descriptor(owning: ends[1]))
    let adopted = slot.table.adopt(Descriptor(owning: ends[0]))
    let stream = try #require(adopted)
    slot.kept[stream] = dup(ends[0])
    slot.witness.onReceived = { _, bytes in min(2, bytes.count) }
    peer.say("abcd".utf8)
    try slot.stage.loop.turn(until: "two") { slot.table.pendingInput(of: stream) > 0 }
    let all = pattern(2 << 20)
    slot.table.send(all.span, to: stream)
    let (heir, taken) = try slot.takeOver(isExact: true)
    #expect(taken == .init(streams: 1))
    try heir.loop.turn(until: "both directions") {
      peer.listen()
      return peer.heard.count >= all.count && heir.text(of: stream) == "cd"
    }
    #expect(peer.heard == all)
  }
}

extension Peer {
  /// Says in a test that what was just sent to it stays in the kernel.
  fileprivate func leaveUnread(_ count: Int?) { #expect((count ?? 0) > 0) }
}
