import EventLoop
import FleetState
import Testing

@testable import RedisClient

@Suite(.serialized) struct FleetRecordsTests {
  private let keys: RedisKeys
  private let one: Name
  private let two: Name

  init() throws {
    keys = RedisKeys(namespace: try #require(Name("test")))
    one = try #require(Name("one"))
    two = try #require(Name("two"))
  }

  private func connected(_ server: RedisOnDisk, _ loop: EventLoop) throws -> Redis {
    let redis = Redis(loop, endpoint: server.endpoint, name: "test")
    redis.open()
    #expect(try loop.run { redis.isReady })
    return redis
  }

  private func read(_ redis: Redis, _ loop: EventLoop) throws -> Snapshot? {
    var answer: Snapshot??
    FleetRecords(redis, keys: keys).read { answer = $0 }
    #expect(try loop.run { answer != nil })
    return answer ?? nil
  }

  private func store(_ redis: Redis, _ key: String, _ fields: Fields) {
    redis.send(["HSET", key] + fields.list.flatMap { [$0.name, $0.value] })
  }

  @Test("hosts, their workers by slot, and each one's last sample")
  func fleet() throws {
    let server = try RedisOnDisk()
    let loop = try EventLoop()
    let redis = try connected(server, loop)
    redis.send("SET", keys.epoch, "e1")
    for host in [two, one] {
      redis.send("SADD", keys.hosts, host.text)
      var record = HostRecord(id: host)
      record.workers = 2
      store(redis, keys.host(host), record.fields)
      for slot in [1, 0] {
        var worker = WorkerRecord(host: host, slot: slot)
        worker.sockets = PerHall(ws: 10 + slot)
        store(redis, keys.worker(host, slot: slot), worker.fields)
      }
      for sockets in [1, 2] {
        var sample = Sample(host: host)
        sample.sockets = sockets
        redis.send(["XADD", keys.samples, "*"] + sample.fields.list.flatMap { [$0.name, $0.value] })
      }
    }
    let snapshot = try #require(try read(redis, loop))
    #expect(snapshot.scope == .fleet && snapshot.redis == .up)
    #expect(snapshot.hosts.map(\.record.id) == [one, two])
    #expect(snapshot.hosts.allSatisfy { $0.workers.map(\.slot) == [0, 1] && $0.sample?.sockets == 2 })
    #expect(snapshot.sockets.ws == 42)
    redis.close()
    server.kill()
  }

  @Test("nobody there is an empty fleet; records of the wrong kind or gone are left out")
  func strangers() throws {
    let server = try RedisOnDisk()
    let loop = try EventLoop()
    let redis = try connected(server, loop)
    #expect(try read(redis, loop)?.hosts.isEmpty == true)
    redis.send("SADD", keys.hosts, one.text, two.text, "no name!", "gone")
    store(redis, keys.host(one), HostRecord(id: one).fields)
    redis.send("SET", keys.host(two), "a text")
    #expect(try read(redis, loop)?.hosts.map(\.record.id) == [one])
    redis.send("DEL", keys.hosts)
    redis.send("SET", keys.hosts, "a text")
    #expect(try read(redis, loop) == nil)
    redis.close()
    server.kill()
  }

  @Test("without Redis there is no answer to be had, and that is said")
  func away() throws {
    let server = try RedisOnDisk()
    let loop = try EventLoop()
    let redis = try connected(server, loop)
    server.kill()
    #expect(try loop.run { !redis.isReady })
    #expect(try read(redis, loop) == nil)
    redis.close()
  }
}
