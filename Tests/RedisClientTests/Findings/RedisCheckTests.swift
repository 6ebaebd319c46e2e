import FleetState
import Testing

@testable import RedisClient

@Suite struct RedisCheckTests {
  @Test(
    "INFO tells of version and persistence",
    arguments: [
      (
        "redis_version:7.0.15\r\naof_enabled:1\r\naof_last_write_status:ok", Finding.Level.ok,
        Finding.Level.ok
      ),
      ("redis_version:6.2.0\r\naof_enabled:0", .ok, .warn), ("redis_version:6.0.16\n", .fail, .warn),
      ("redis_version:10.1.0\r\naof_enabled:1\r\naof_last_write_status:err", .ok, .fail), ("", .warn, .warn),
    ])
  func info(_ text: String, _ version: Finding.Level, _ persistence: Finding.Level) {
    #expect(RedisInfo(text).version.level == version)
    #expect(RedisInfo(text).persistence.level == persistence)
  }
}
