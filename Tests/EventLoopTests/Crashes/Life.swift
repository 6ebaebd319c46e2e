import Bytes

@testable import EventLoop

/// One of the processes that serve a slot, in turn: its loop, its table over the slot's pages, its answers.
final class Life: StreamOwner {
  struct Companion: BitwiseCopyable {
    var answered: UInt32 = 0
    var delivered: UInt32 = 0
  }

  struct Commons: BitwiseCopyable {
    var answered: UInt64 = 0
  }

  let loop: EventLoop
  let table: StreamTable
  let companions: PageArray<Companion>
  let commons: PageArray<Commons>
  /// It is dead: what it still does must touch nobody.
  var isDead = false
  private var random: Random
  private let broadcastNumber: PageWord
  private let broadcastLength: PageWord

  static let roomBytes = 1 << 20
  private static let frameAt = 64

  static var limits: StreamLimits {
    var limits = StreamLimits(streams: 16, output: 32 << 20, memory: 128 << 20)
    limits.companionBytes = MemoryLayout<Companion>.stride
    limits.commonsBytes = MemoryLayout<Commons>.stride
    limits.roomBytes = roomBytes
    return limits
  }

  init(in pages: SharedPages, seed: UInt64) throws {
    loop = try EventLoop()
    random = Random(state: seed)
    table = try StreamTable(loop, limits: Self.limits, in: pages)
    companions = table.companions(of: Companion.self)
    commons = table.commons(of: Commons.self)
    broadcastNumber = pages.word(at: table.layout.roomAt)
    broadcastLength = pages.word(at: table.layout.roomAt + 8)
    table.owner = self
  }

  func opened(_ stream: StreamID) {}

  func ended(_ stream: StreamID, _ end: StreamEnd) {}

  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    if isDead { return bytes.count }
    var used = 0
    while let (request, length) = Dialogue.request(in: bytes.extracting(droppingFirst: used)) {
      used += length
      answer(stream, request)
      if request.wanted == Dialogue.goodbye {
        table.finish(stream)
        return bytes.count
      }
      if Int.random(in: 0..<4, using: &random) == 0 {
        table.yield(stream)
        break
      }
    }
    return used
  }

  private func answer(_ stream: StreamID, _ request: Dialogue.Request) {
    let bytes = Dialogue.answer(to: request, number: companions[stream.slot].answered)
    companions[stream.slot].answered += 1
    commons[0].answered += 1
    if Bool.random(using: &random) {
      table.send(bytes.span, to: stream)
    } else {
      table.write(to: stream) { $0.append(bytes.span) }
    }
  }

  // MARK: Broadcasts

  /// Tells everybody the next broadcast; whoever is killed on the way leaves the rest to the next life.
  func broadcast(count: Int) {
    let number = UInt32(broadcastNumber.value) + 1
    let frame = Dialogue.broadcast(number, count: count)
    table.pages.write(frame.span, at: table.layout.roomAt + Self.frameAt)
    broadcastLength.value = UInt64(frame.count)
    broadcastNumber.value = UInt64(number)
    carry()
  }

  var lastBroadcast: UInt32 { UInt32(broadcastNumber.value) }

  /// To all who have not heard the last one.
  func carry() {
    let number = lastBroadcast
    if number == 0 { return }
    var streams: [StreamID] = []
    table.forEachStream { streams.append($0) }
    for stream in streams where !isDead && companions[stream.slot].delivered < number {
      table.forward(
        at: table.layout.roomAt + Self.frameAt, count: Int(broadcastLength.value), to: stream
      ) { companions[stream.slot].delivered = number }
    }
  }
}
