import FleetState
import Testing

@testable import Console

@Suite struct FleetCheckTests {
  private func findings(_ hosts: (String, String, HostRecord.State)...) throws -> [String] {
    var snapshot = try Fleet.snapshot()
    snapshot.join(
      hosts: try hosts.map { id, build, state in
        var host = HostRecord(id: try Fleet.name(id))
        host.build = build
        host.state = state
        return host
      }, workers: [])
    return FleetCheck.findings(snapshot).map { "\($0.level.rawValue) \($0.subject) \($0.text)" }
  }

  @Test("hosts of one build are well, others are named")
  func builds() throws {
    #expect(
      try findings(("a", "1", .serving), ("b", "1", .draining)) == [
        "ok hosts a serving, b draining", "ok build 1",
      ])
    #expect(
      try findings(("a", "1", .serving), ("b", "2", .serving), ("c", "1", .serving)).last
        == "warn build 1 on a, c; 2 on b")
  }

  @Test("nobody, nobody who takes sockets, and nobody to ask")
  func nobody() throws {
    #expect(try findings() == ["warn hosts none in the namespace default"])
    #expect(try findings(("a", "1", .draining)).first == "warn hosts a draining")
    #expect(FleetCheck.findings(nil).map(\.level) == [.fail])
  }
}
