import FleetState
import Testing

@testable import RedisClient

@Suite struct RedisRefusalTests {
  @Test(
    "errors that tell of Redis' state have its name, the others have none",
    arguments: [
      ("LOADING Redis is loading", RedisHealth.loading), ("READONLY You can't write", .readonly),
      ("MISCONF errors writing to disk", .readonly), ("OOM command not allowed", .oom), ("NOAUTH x", .noauth),
      ("WRONGPASS x", .noauth), ("NOPERM x", .noperm), ("MOVED 1 a:1", .moved), ("CLUSTERDOWN x", .moved),
      ("BUSY x", .slow), ("WRONGTYPE x", .wrongtype), ("ERR x", nil), ("", nil), ("LOADINGX", nil),
    ])
  func names(line: String, health: RedisHealth?) {
    let refusal = RedisRefusal(Array(line.utf8).span)
    #expect(refusal.health == health)
  }

  @Test("its words are safe to print")
  func printable() {
    let refusal = RedisRefusal([0x45, 0x52, 0x52, 0x20, 0x1B, 0x5B, 0xFF].span)
    #expect(refusal.code == "ERR" && refusal.message == "ERR \u{FFFD}[\u{FFFD}")
  }
}
