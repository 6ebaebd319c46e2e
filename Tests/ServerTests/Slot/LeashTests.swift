import EventLoop
import Glibc
import Testing

@testable import Server

/// A worker and the one that keeps its sockets, at the two ends of a leash.
@Suite struct LeashTests {
  private final class Pair {
    let loop: EventLoop
    let keepsakes = Keepsakes(places: 64)
    let worker: Leash
    let keeper: Leash
    var open: [StreamID: Int32] = [:]
    var news: [String] = []

    init() throws {
      loop = try EventLoop()
      let (first, second) = try PacketChannel.pair()
      weak var pair: Pair?
      worker = Leash(
        loop, try PacketChannel(loop, adopting: Descriptor(owning: first)), keepsakes: Keepsakes(places: 64),
        places: 64
      ) { pair?.open[$0] }
      keeper = Leash(
        loop, try PacketChannel(loop, adopting: Descriptor(owning: second)), keepsakes: keepsakes, places: 64
      ) { _ in nil }
      pair = self
      keeper.onWhole = { [unowned self] in news.append("whole") }
      keeper.onOffer = { [unowned self] in news.append("offer") }
      keeper.onEnd = { [unowned self] in news.append("end") }
    }

    deinit { for number in open.values { _ = Glibc.close(number) } }

    func come(_ place: UInt64, _ generation: UInt64 = 1) throws -> StreamID {
      let stream = StreamID(number: place << 32 | generation)
      let number = dup(STDERR_FILENO)
      try #require(number >= 0)
      open[stream] = number
      return stream
    }

    func go(_ stream: StreamID) {
      open.removeValue(forKey: stream).map { _ = Glibc.close($0) }
      worker.gone(stream)
    }

    func settle() throws { for _ in 0..<20 { try loop.turn(waitingAtMost: .milliseconds(1)) } }

    var kept: Set<StreamID> {
      var kept: Set<StreamID> = []
      keepsakes.forEach { stream, _ in kept.insert(stream) }
      return kept
    }
  }

  @Test("all there is is held, then it is whole")
  func whole() throws {
    let pair = try Pair()
    let streams = try (0..<60).map { try pair.come(UInt64($0)) }
    pair.worker.hold(streams)
    try pair.settle()
    #expect(pair.kept == Set(streams) && pair.keepsakes.count == 60 && pair.news == ["whole"])
  }

  @Test("who comes is kept, who goes is let go; one that did both at once never was")
  func comeAndGo() throws {
    let pair = try Pair()
    pair.worker.hold([])
    let (stays, goes, flees) = (try pair.come(1), try pair.come(2), try pair.come(3))
    for stream in [stays, goes, flees] { pair.worker.admitted(stream) }
    pair.go(flees)
    try pair.settle()
    #expect(pair.kept == [stays, goes])
    pair.go(goes)
    try pair.settle()
    #expect(pair.kept == [stays])
  }

  @Test("a place used anew in one turn keeps the newest, not the one before")
  func placeUsedAgain() throws {
    let pair = try Pair()
    let first = try pair.come(5, 1)
    pair.worker.hold([first])
    try pair.settle()
    pair.go(first)
    let second = try pair.come(5, 2)
    pair.worker.admitted(second)
    pair.go(second)
    let third = try pair.come(5, 3)
    pair.worker.admitted(third)
    try pair.settle()
    #expect(pair.kept == [third])
  }

  @Test("the offer comes behind all that was said before")
  func offer() throws {
    let pair = try Pair()
    pair.worker.hold([])
    let stream = try pair.come(1)
    pair.worker.admitted(stream)
    pair.worker.offer()
    var keptAtOffer: Set<StreamID>?
    pair.keeper.onOffer = { keptAtOffer = pair.kept }
    try pair.settle()
    #expect(keptAtOffer == [stream])
  }

  @Test("a channel that is full delays and loses nothing")
  func full() throws {
    let pair = try Pair()
    pair.worker.hold([])
    var last: [StreamID] = []
    // Nobody reads meanwhile: one turn, thousands of notes.
    for generation in 1...200 as ClosedRange<UInt64> {
      for stream in last { pair.go(stream) }
      last = try (0..<60).map { try pair.come($0, generation) }
      for stream in last { pair.worker.admitted(stream) }
      pair.worker.offer()
    }
    for _ in 0..<50 { try pair.settle() }
    #expect(pair.kept == Set(last))
    #expect(pair.news.filter { $0 == "offer" }.count == 200)
  }

  @Test("a keeper that takes nothing is let go of in the end, and the notes with it")
  func bounded() throws {
    let pair = try Pair()
    var isCut = false
    pair.worker.onEnd = { isCut = true }
    // Without a turn in between nothing is taken.
    for round in 0..<8400 {
      let stream = try pair.come(UInt64(round % 64), UInt64(round + 1))
      pair.worker.admitted(stream)
      pair.go(stream)
    }
    try pair.settle()
    #expect(isCut)
    #expect(pair.news.contains("end"))
  }

  @Test("a keepsake answers to its name alone, and is handed out once")
  func keepsakes() throws {
    let pair = try Pair()
    let old = StreamID(number: 9 << 32 | 1)
    let new = StreamID(number: 9 << 32 | 2)
    pair.keepsakes.keep(old, dup(STDERR_FILENO))
    pair.keepsakes.keep(new, dup(STDERR_FILENO))
    #expect(pair.keepsakes.count == 1 && pair.keepsakes.take(old) == nil)
    pair.keepsakes.release(old)
    #expect(pair.keepsakes.count == 1)
    let number = try #require(pair.keepsakes.take(new))
    #expect(fcntl(number, F_GETFD) >= 0 && pair.keepsakes.take(new) == nil && pair.keepsakes.count == 0)
    _ = Glibc.close(number)
    pair.keepsakes.keep(StreamID(number: 64 << 32), dup(STDERR_FILENO))
    #expect(pair.keepsakes.count == 0, "there is no such place")
  }

  @Test("the end of the one is told to the other")
  func end() throws {
    let pair = try Pair()
    pair.worker.close()
    try pair.settle()
    #expect(pair.news == ["end"])
  }
}
