import EventLoop
import FleetState
import Testing

@testable import RedisClient

@Suite("Redis on a real server", .serialized) struct RedisTests {
  /// A server, a loop, and a connection that is ready.
  private func connected(
    _ limits: RedisLink<Redis.Completion>.Limits = .init()
  ) throws -> (RedisOnDisk, EventLoop, Redis) {
    let server = try RedisOnDisk()
    let loop = try EventLoop()
    let redis = Redis(loop, endpoint: server.endpoint, name: "test", limits: limits)
    redis.open()
    #expect(try loop.run { redis.isReady })
    return (server, loop, redis)
  }

  @Test("ten thousand commands of one turn are answered in order")
  func pipelining() throws {
    let (server, loop, redis) = try connected()
    var answers: [Int64] = []
    for _ in 0..<10_000 {
      redis.send("INCR", "n") { answer in
        if case .success(let value) = answer, let number = value.integer { answers.append(number) }
      }
    }
    #expect(redis.waiting == 10_000)
    #expect(try loop.run { answers.count == 10_000 })
    #expect(answers == Array(1...10_000))
    #expect(redis.tally.sent == 10_000 && redis.tally.answered == 10_000 && redis.tally.lost == 0)
    redis.close()
    server.kill()
  }

  @Test("every kind of value comes back as what it is, bytes untouched")
  func values() throws {
    let (server, loop, redis) = try connected()
    var answers: [Redis.Answer] = []
    let blob: [UInt8] = Array(0...255) + [13, 10, 36]
    redis.send({ command in
      command.add("SET")
      command.add("k")
      command.add(blob.span)
    }) { answers.append($0) }
    redis.send("GET", "k") { answers.append($0) }
    redis.send("GET", "missing") { answers.append($0) }
    redis.send("HSET", "h", "a", "1", "b", "") { answers.append($0) }
    redis.send("HGETALL", "h") { answers.append($0) }
    redis.send("LPUSH", "h", "x") { answers.append($0) }
    redis.send("EVAL", "return {1, {2, {3}}, false, 'four'}", "0") { answers.append($0) }
    #expect(try loop.run { answers.count == 7 })

    #expect(answers[0] == .success(.status("OK")))
    #expect(answers[1] == .success(.bytes(blob)))
    #expect(answers[2] == .success(.null))
    #expect(answers[3] == .success(.integer(2)))
    let pairs = try answers[4].get().pairs
    #expect(pairs.map(\.0) == ["a", "b"] && pairs.map(\.1) == ["1", ""])
    guard case .failure(.refused(let refusal)) = answers[5] else {
      Issue.record("a wrong type is refused, not \(answers[5])")
      return
    }
    #expect(refusal.code == "WRONGTYPE" && refusal.health == .wrongtype)
    let nested: RedisValue = .array([
      .integer(1), .array([.integer(2), .array([.integer(3)])]), .null, .bytes(Array("four".utf8)),
    ])
    #expect(answers[6] == .success(nested))
    #expect(redis.health == .wrongtype)
    redis.close()
    server.kill()
  }

  @Test("a server killed under use fails all who wait, and commands work again once it is back")
  func restart() throws {
    let (server, loop, redis) = try connected()
    var healths: [RedisHealth] = []
    redis.onHealth = { healths.append($0) }
    server.freeze()
    var failed = 0
    for _ in 0..<100 {
      redis.send("PING") { if case .failure(.down) = $0 { failed += 1 } }
    }
    try loop.turn(waitingAtMost: .milliseconds(5))
    server.kill()
    #expect(try loop.run { failed == 100 })
    #expect(redis.tally.lost == 100)

    var turnedAway: RedisError?
    redis.send("PING") { if case .failure(let error) = $0 { turnedAway = error } }
    #expect(turnedAway == nil, "an answer never comes from inside send")
    #expect(try loop.run { turnedAway != nil })
    #expect(redis.tally.turnedAway == 1)

    try server.start()
    #expect(try loop.run { redis.isReady })
    var pong: Redis.Answer?
    redis.send("PING") { pong = $0 }
    #expect(try loop.run { pong != nil })
    #expect(pong == .success(.status("PONG")))
    #expect(healths == [.down, .up])
    redis.close()
  }

  @Test("an answer that comes late does not make Redis quick; the next one in time does")
  func late() throws {
    let (server, loop, first) = try connected()
    first.close()
    var limits = RedisLink<Redis.Completion>.Limits()
    limits.patience = .seconds(2)
    let redis = Redis(loop, endpoint: server.endpoint, name: "hasty", limits: limits)
    redis.open()
    #expect(try loop.run { redis.isReady })
    server.freeze()
    var answered = 0
    redis.send("PING") { if case .success = $0 { answered += 1 } }
    #expect(try loop.run { redis.health == .slow })
    server.thaw()
    #expect(try loop.run { answered == 1 })
    #expect(redis.health == .slow)
    redis.send("PING") { if case .success = $0 { answered += 1 } }
    #expect(try loop.run { answered == 2 })
    #expect(redis.health == .up)
    redis.close()
  }

  @Test("a wrong password is named, and no command is sent")
  func password() throws {
    let server = try RedisOnDisk(["--requirepass", "right"])
    let loop = try EventLoop()
    var wrong = server.endpoint
    wrong.password = "wrong"
    for endpoint in [wrong, server.endpoint] {
      let redis = Redis(loop, endpoint: endpoint, name: "test")
      redis.open()
      #expect(try loop.run { redis.health == .noauth })
      #expect(!redis.isReady)
      redis.close()
    }
    var right = server.endpoint
    right.password = "right"
    right.database = 3
    let redis = Redis(loop, endpoint: right, name: "a name")
    redis.open()
    #expect(try loop.run { redis.isReady })
    var info: String?
    redis.send("CLIENT", "LIST") { info = (try? $0.get())?.text }
    #expect(try loop.run { info != nil })
    #expect(info?.contains("name=a-name ") == true && info?.contains(" db=3 ") == true)
    redis.close()
  }

  @Test("a full line turns further commands away and keeps its order")
  func full() throws {
    var limits = RedisLink<Redis.Completion>.Limits()
    limits.waiting = 3
    let (server, loop, redis) = try connected(limits)
    var answers: [Redis.Answer] = []
    for number in 0..<5 { redis.send("ECHO", "\(number)") { answers.append($0) } }
    #expect(try loop.run { answers.count == 5 })
    #expect(answers.filter { $0 == .failure(.full) }.count == 2)
    #expect(answers.compactMap { try? $0.get().text } == ["0", "1", "2"])
    redis.close()
    server.kill()
  }

  @Test("a silent server is given up after the patience, by name")
  func silence() throws {
    var limits = RedisLink<Redis.Completion>.Limits()
    limits.patience = .milliseconds(200)
    let (server, loop, redis) = try connected(limits)
    server.freeze()
    var answer: Redis.Answer?
    redis.send("PING") { answer = $0 }
    #expect(try loop.run { answer != nil })
    #expect(answer == .failure(.slow))
    #expect(redis.health == .slow)
    server.thaw()
    #expect(try loop.run { redis.isReady && redis.health == .up })
    redis.close()
  }

  @Test("a server that still loads its data is named so, and used once it is done")
  func loading() throws {
    let server = try RedisOnDisk(["--enable-debug-command", "yes"])
    let loop = try EventLoop()
    let redis = Redis(loop, endpoint: server.endpoint, name: "test")
    redis.open()
    #expect(try loop.run { redis.isReady })
    var saved = false
    redis.send("DEBUG", "POPULATE", "2000", "k", "2000") { _ in }
    redis.send("SAVE") { _ in saved = true }
    #expect(try loop.run { saved })
    server.kill()
    var healths: [RedisHealth] = []
    redis.onHealth = { healths.append($0) }
    try server.start(with: ["--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024"])
    #expect(try loop.run { !redis.isReady })
    #expect(try loop.run { redis.isReady })
    #expect(redis.lastError == nil)
    #expect(healths == [.down, .loading, .up])
    redis.close()
  }

  @Test("records written as hashes and entries read back as they were")
  func records() throws {
    let (server, loop, redis) = try connected()
    var sample = Sample(host: try #require(Name("web-1")))
    sample.sockets = 5
    let fields = sample.fields
    var answers: [Redis.Answer] = []
    redis.send({ command in
      command.add("HSET")
      command.add("h")
      command.add(fields)
    }) { answers.append($0) }
    redis.send({ command in
      command.add("XADD")
      command.add("s")
      command.add("*")
      command.add(fields)
    }) { answers.append($0) }
    redis.send("HGETALL", "h") { answers.append($0) }
    redis.send("XRANGE", "s", "-", "+") { answers.append($0) }
    #expect(try loop.run { answers.count == 4 })
    #expect(Sample(Fields(try answers[2].get().pairs)) == sample)
    let entries = try answers[3].get().entries
    #expect(entries.count == 1 && Sample(Fields(entries[0].fields)) == sample)
    #expect(entries.first?.id.description == (try answers[1].get().text))
    redis.close()
    server.kill()
  }

  @Test("a server that is not there is named with the reason, and tried again")
  func absent() throws {
    let loop = try EventLoop()
    let redis = Redis(loop, endpoint: RedisEndpoint(.unix(path: "/nowhere/r")), name: "test")
    redis.open()
    #expect(try loop.run { redis.lastError != nil })
    #expect(redis.health == .down && !redis.isReady)
    redis.close()
  }

  @Test("a command sent from an answer is answered too")
  func chained() throws {
    let (server, loop, redis) = try connected()
    var last: Int64 = 0
    func step(_ answer: Redis.Answer) {
      last = (try? answer.get().integer) ?? -1
      if last > 0 && last < 5 { redis.send("INCR", "n", then: step) }
    }
    redis.send("INCR", "n", then: step)
    #expect(try loop.run { last == 5 || last < 0 })
    #expect(last == 5)
    redis.close()
    server.kill()
  }

  @Test("closing from an answer, or with commands under way, answers everybody once")
  func closing() throws {
    let (server, loop, redis) = try connected()
    var answers: [Redis.Answer] = []
    redis.send("PING") {
      answers.append($0)
      redis.close()
    }
    redis.send("BLPOP", "nothing", "0") { answers.append($0) }
    #expect(try loop.run { answers.count == 2 })
    #expect(answers == [.success(.status("PONG")), .failure(.down("closed"))])
    server.kill()
  }

  @Test("refusals that tell of Redis' state become its health for a while")
  func trouble() throws {
    let (server, loop, redis) = try connected()
    var done = 0
    redis.send("CONFIG", "SET", "maxmemory", "1") { _ in done += 1 }
    redis.send("SET", "k", "v") { _ in done += 1 }
    redis.send("GET", "k") { _ in done += 1 }
    #expect(try loop.run { done == 3 })
    #expect(redis.health == .oom)
    redis.close()
    server.kill()
  }
}
