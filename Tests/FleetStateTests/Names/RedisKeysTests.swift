import Testing

@testable import FleetState

@Suite struct RedisKeysTests {
  @Test("keys are those of the contract, with the namespace as hash tag")
  func keys() throws {
    let keys = RedisKeys(namespace: try #require(Name("prod")))
    let host = try #require(Name("web-1"))
    #expect(keys.host(host) == "sluice:{prod}:host:web-1")
    #expect(keys.worker(host, slot: 3) == "sluice:{prod}:worker:web-1:3")
    #expect(keys.sockets(host, slot: 0) == "sluice:{prod}:sockets:web-1:0")
    #expect(keys.bus(2) == "sluice:{prod}:bus:2")
    #expect(
      [keys.hosts, keys.epoch, keys.tasks, keys.control, keys.events, keys.samples]
        == ["hosts", "epoch", "tasks", "control", "events", "samples"].map { "sluice:{prod}:" + $0 })
    #expect(keys.task(host) == "sluice:{prod}:task:web-1")
  }
}
