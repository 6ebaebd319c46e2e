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
    let session = try #require(SessionID("0F8FAD5B-D9CB-469F-A165-70867728950E"))
    #expect(keys.session(session) == "sluice:{prod}:session:0f8fad5b-d9cb-469f-a165-70867728950e")
    #expect(keys.client(try #require(ClientID("a}b"))) == "sluice:{prod}:client:a}b")
    #expect(keys.sockets(host, slot: 1).hasPrefix(keys.socketsPrefix))
    #expect(keys.group(host).hasPrefix(keys.groupPrefix))
  }
}
