import Bytes
import EventLoop
import FleetState
import Testing

@testable import RedisClient

/// Writes to the streams and follows them, as a worker and its neighbours would.
private final class Scene {
  let loop: EventLoop
  let server: RedisOnDisk
  let redis: Redis
  let streams: RedisStreams
  var seen: [[String]]
  var notices: [StreamNotice] = []
  var following = 0

  init(
    _ keys: [String], after: EntryID? = nil, epochKey: String? = nil, batch: Int = 512, options: [String] = []
  ) throws {
    loop = try EventLoop()
    server = try RedisOnDisk(options)
    redis = Redis(loop, endpoint: server.endpoint, name: "writer")
    var limits = RedisStreams.Limits()
    limits.batch = batch
    streams = RedisStreams(
      loop, endpoint: server.endpoint, name: "reader", streams: keys.map { ($0, after) }, epochKey: epochKey,
      limits: limits)
    seen = keys.map { _ in [] }
    streams.onEntry = { [unowned self] stream, entry in
      guard let value = entry.value(of: "d") else { return }
      seen[stream].append(String(decoding: value.copied(), as: UTF8.self))
    }
    streams.onNotice = { [unowned self] in notices.append($0) }
    streams.onFollowing = { [unowned self] in following += 1 }
    redis.open()
    _ = try loop.run { redis.isReady }
  }

  deinit {
    streams.close()
    redis.close()
  }

  func add(_ key: String, _ numbers: some Sequence<Int>) throws {
    var left = 0
    for number in numbers {
      left += 1
      redis.send("XADD", key, "*", "m", "head", "d", "\(number)") { _ in left -= 1 }
    }
    _ = try loop.run { left == 0 }
  }

  func follow() throws {
    let before = following
    streams.open()
    _ = try loop.run { following > before }
  }
}

@Suite("Redis streams on a real server", .serialized) struct RedisStreamsTests {
  private func words(_ range: Range<Int>) -> [String] { range.map { "\($0)" } }

  @Test("entries of several streams arrive once, in order, from the end that was there at the start")
  func following() throws {
    let scene = try Scene(["a", "b"])
    try scene.add("a", 0..<5)
    try scene.follow()
    try scene.add("a", 5..<2000)
    try scene.add("b", 0..<10)
    #expect(try scene.loop.run { scene.seen[0].count >= 1995 && scene.seen[1].count >= 10 })
    #expect(scene.seen == [words(5..<2000), words(0..<10)])
    #expect(scene.notices.isEmpty)
  }

  @Test("a reader that starts at zero gets all there is")
  func fromZero() throws {
    let scene = try Scene(["a"], after: .zero, batch: 7)
    try scene.add("a", 0..<100)
    try scene.follow()
    #expect(try scene.loop.run { scene.seen[0].count == 100 })
    #expect(scene.seen[0] == words(0..<100))
    #expect(scene.notices.isEmpty)
  }

  @Test("a server killed and started again leaves no gap and doubles nothing")
  func restart() throws {
    let scene = try Scene(["a"], options: ["--appendonly", "yes", "--appendfsync", "always"])
    try scene.follow()
    for round in 0..<5 {
      try scene.add("a", round * 50..<round * 50 + 50)
      scene.server.kill()
      try scene.server.start()
      // Without a turn in between the loss would go unnoticed.
      #expect(try scene.loop.run { !scene.redis.isReady })
      #expect(try scene.loop.run { scene.redis.isReady })
    }
    try scene.add("a", 250..<300)
    #expect(try scene.loop.run { scene.seen[0].count >= 300 })
    #expect(scene.seen[0] == words(0..<300))
    #expect(scene.notices.isEmpty)
  }

  @Test("a paused reader gets no more than was read already, and goes on where it stopped")
  func backpressure() throws {
    let scene = try Scene(["a"], batch: 10)
    try scene.follow()
    scene.streams.onBatch = { [unowned scene] in scene.streams.pause() }
    try scene.add("a", 0..<100)
    #expect(try scene.loop.run { !scene.seen[0].isEmpty })
    let held = scene.seen[0].count
    #expect(held <= 10)
    try scene.add("a", 100..<110)
    #expect(scene.seen[0].count == held)
    scene.streams.onBatch = nil
    scene.streams.resume()
    #expect(try scene.loop.run { scene.seen[0].count == 110 })
    #expect(scene.seen[0] == words(0..<110))
  }

  @Test("entries trimmed while nobody read are named before the next ones come")
  func trimmed() throws {
    let scene = try Scene(["a"])
    try scene.follow()
    try scene.add("a", 0..<3)
    #expect(try scene.loop.run { scene.seen[0].count == 3 })
    scene.streams.pause()
    // The read under way still brings what comes first.
    try scene.add("a", 3..<4)
    #expect(try scene.loop.run { scene.seen[0].count == 4 })
    let place = scene.streams.cursors[0]
    try scene.add("a", 4..<20)
    var trimmed = false
    scene.redis.send("XTRIM", "a", "MAXLEN", "5") { _ in trimmed = true }
    #expect(try scene.loop.run { trimmed })
    scene.streams.resume()
    #expect(try scene.loop.run { scene.seen[0].count == 9 })
    #expect(scene.seen[0] == words(0..<4) + words(15..<20))
    guard case .trimmed(0, let after, let before) = scene.notices.first else {
      Issue.record("the gap was not named: \(scene.notices)")
      return
    }
    #expect(after == place && before > after && scene.notices.count == 1)
  }

  @Test("a gap with nothing behind it is named once, however often one looks")
  func emptied() throws {
    let scene = try Scene(["a"])
    try scene.follow()
    try scene.add("a", 0..<1)
    #expect(try scene.loop.run { scene.seen[0].count == 1 })
    scene.streams.onNotice = { [unowned scene] notice in
      scene.notices.append(notice)
      // As whoever has to do something about it first.
      scene.streams.pause()
      scene.streams.resume()
    }
    let script =
      "for _ = 1, 3 do redis.call('XADD', 'a', '*', 'x', '') end redis.call('XTRIM', 'a', 'MAXLEN', 0)"
    var isTrimmed = false
    scene.redis.send("EVAL", script, "0") { _ in isTrimmed = true }
    #expect(try scene.loop.run { isTrimmed })
    scene.redis.send("CLIENT", "KILL", "TYPE", "normal") { _ in }
    #expect(try scene.loop.run { !scene.notices.isEmpty })
    // Each look is a round trip, and this is as many of them.
    for round in 1...3 {
      let following = scene.following
      scene.redis.send("CLIENT", "KILL", "TYPE", "normal") { _ in }
      #expect(try scene.loop.run { scene.following > following && scene.redis.isReady }, "round \(round)")
    }
    try scene.add("a", 1..<2)
    #expect(try scene.loop.run { scene.seen[0].count == 2 })
    #expect(scene.notices.count == 1, "\(scene.notices)")
  }

  @Test("a Redis that lost its streams is followed from its new end on, and the new epoch is told")
  func lostData() throws {
    let scene = try Scene(["a"], epochKey: "epoch")
    var set = false
    scene.redis.send("SET", "epoch", "one") { _ in set = true }
    #expect(try scene.loop.run { set })
    try scene.follow()
    try scene.add("a", 0..<3)
    #expect(try scene.loop.run { scene.seen[0].count == 3 })
    scene.server.kill()
    try scene.server.start()
    #expect(try scene.loop.run { scene.redis.isReady && scene.following == 2 })
    #expect(try scene.loop.run { scene.notices.contains(.epoch(nil)) })
    scene.redis.send("SET", "epoch", "two") { _ in }
    try scene.add("a", 3..<6)
    #expect(try scene.loop.run { scene.seen[0].count == 6 && scene.streams.epoch == Epoch("two") })
    #expect(scene.seen[0] == words(0..<6))
    #expect(scene.notices.first == .epoch(Epoch("one")))
    #expect(scene.notices.last == .epoch(Epoch("two")))
    #expect(scene.notices.contains { if case .rewound(0, _, .zero) = $0 { true } else { false } })
  }

  @Test("closing from inside a handler ends it without another entry")
  func closingInside() throws {
    let scene = try Scene(["a"], after: .zero)
    try scene.add("a", 0..<50)
    var seen = 0
    scene.streams.onEntry = { [unowned scene] _, _ in
      seen += 1
      scene.streams.close()
    }
    scene.streams.open()
    #expect(try scene.loop.run { seen > 0 })
    try scene.add("a", 50..<60)
    #expect(seen == 1)
  }

  @Test("a key of another type is refused without a storm of reads")
  func wrongType() throws {
    let scene = try Scene(["a"], after: .zero)
    var set = false
    scene.redis.send("SET", "a", "text") { _ in set = true }
    #expect(try scene.loop.run { set })
    scene.streams.open()
    let start = scene.loop.now
    _ = try scene.loop.run { scene.loop.now.duration(since: start) > .milliseconds(300) }
    var calls: String?
    scene.redis.send("INFO", "commandstats") { calls = (try? $0.get())?.text }
    #expect(try scene.loop.run { calls != nil })
    #expect(calls?.contains("cmdstat_xread:calls=1,") == true)
  }

  @Test("what was refused and is given again is told: from then on nothing is missed")
  func givenAgain() throws {
    let scene = try Scene(["a"], after: .zero)
    var followed = 0
    scene.streams.onFollowing = { followed += 1 }
    scene.redis.send("SET", "a", "text")
    scene.streams.open()
    #expect(try scene.loop.run { scene.streams.health == .wrongtype })
    let before = followed
    scene.redis.send("DEL", "a")
    #expect(try scene.loop.run { followed == before + 1 })
    #expect(try scene.loop.run { scene.streams.health == .up })
    #expect(followed == before + 1)
  }
}
