import Bytes
import EventLoop
import FleetState
import Testing

@testable import RedisClient

@Suite struct RedisChannelTests {
  @Test("what others publish is heard, in order, and again after Redis was away")
  func heard() throws {
    let server = try RedisOnDisk()
    let loop = try EventLoop()
    let redis = Redis(loop, endpoint: server.endpoint, name: "test")
    let channel = RedisChannel(loop, endpoint: server.endpoint, name: "test-channel", channel: "news")
    var heard: [String] = []
    channel.onMessage = { heard.append(String(decoding: $0.copied(), as: UTF8.self)) }
    redis.open()
    channel.open()
    try publish("a", redis, loop)
    redis.send("PUBLISH", "news", "b")
    redis.send("PUBLISH", "other", "not this")
    redis.send("PUBLISH", "news", "")
    #expect(try loop.run { heard.count == 3 })
    #expect(heard == ["a", "b", ""])
    server.kill()
    #expect(try loop.run { redis.health == .down })
    try server.start()
    try publish("c", redis, loop)
    #expect(try loop.run { heard.last == "c" })
    channel.close()
    redis.close()
  }

  @Test("who may not listen is told so by name")
  func denied() throws {
    let server = try RedisOnDisk()
    let loop = try EventLoop()
    let admin = Redis(loop, endpoint: server.endpoint, name: "test")
    admin.open()
    #expect(try loop.run { admin.isReady })
    var isDone = false
    admin.send("ACL", "SETUSER", "bob", "on", ">pw", "+@all", "resetchannels") { _ in isDone = true }
    #expect(try loop.run { isDone })
    var endpoint = server.endpoint
    endpoint.user = "bob"
    endpoint.password = "pw"
    let channel = RedisChannel(loop, endpoint: endpoint, name: "test-channel", channel: "news")
    var healths: [RedisHealth] = []
    channel.onHealth = { healths.append($0) }
    channel.open()
    #expect(try loop.run { healths.contains(.noperm) })
    channel.close()
    admin.close()
  }

  /// Until somebody has heard it: the answer counts who listens.
  private func publish(_ text: String, _ redis: Redis, _ loop: EventLoop) throws {
    var hearers = 0
    var isAsked = false
    #expect(
      try loop.run {
        if hearers == 0 && redis.isReady && !isAsked {
          isAsked = true
          redis.send("PUBLISH", "news", text) { answer in
            isAsked = false
            if case .success(.integer(let count)) = answer { hearers = Int(count) }
          }
        }
        return hearers > 0
      })
  }
}
