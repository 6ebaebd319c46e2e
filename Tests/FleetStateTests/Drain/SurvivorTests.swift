import Testing

@testable import FleetState

@Suite struct SurvivorTests {
  private func name() throws -> Name { try #require(Name("web-2")) }

  @Test("it is as strained as what is worst, and says what that is")
  func complaint() throws {
    var vitals = Vitals()
    #expect(Survivor(try name(), vitals).strain == .calm)
    vitals.loopLagMicros = 180_400
    #expect(Survivor(try name(), vitals).complaint == "web-2 loop lag 180 ms")
    #expect(Survivor(try name(), vitals).strain.permille == 668)
    vitals.acceptedPerSecond = 240
    vitals.redisMicros = 700_000
    let survivor = Survivor(try name(), vitals)
    #expect(survivor.complaint == "web-2 Redis round trip 700 ms, accepting 240/s")
    #expect(survivor.strain == .overwhelmed)
    vitals.redisMicros = 0
    vitals.acceptQueue = 900
    #expect(Survivor(try name(), vitals).complaint == "web-2 accept queue 900, accepting 240/s")
    #expect(Survivor(try name(), Vitals(), silence: 4000).complaint == "web-2 silent for 4000 ms")
    #expect(Survivor(try name(), Vitals(), silence: 4000).strain.permille == 750)
  }

  @Test("only a host that serves survives", arguments: HostRecord.State.allCases)
  func serving(state: HostRecord.State) throws {
    var record = HostRecord(id: try name())
    record.state = state
    let survivor = Survivor(try name(), record.fields, leaseLeft: 5000, of: Lease())
    #expect((survivor != nil) == (state == .serving))
  }

  @Test(
    "the age of a record is what is gone of its lease",
    arguments: [(5000, 0), (4200, 800), (1500, 3500), (0, 5000), (-1, 5000), (-2, 5000), (60_000, 0)])
  func age(leaseLeft: Int64, silence: Int) throws {
    var record = HostRecord(id: try name())
    record.state = .serving
    record.vitals.loopLagMicros = 90_000
    let survivor = try #require(Survivor(try name(), record.fields, leaseLeft: leaseLeft, of: Lease()))
    #expect(survivor.silence == silence)
    #expect(survivor.vitals == record.vitals)
  }

  @Test("made-up figures are survived", arguments: ["-1", "9223372036854775807", "x", ""])
  func hostile(value: String) throws {
    let pairs = Survivor.names.map { ($0, $0 == "state" ? "serving" : value) }
    let survivor = try #require(Survivor(try name(), Fields(pairs), leaseLeft: .min, of: Lease()))
    #expect(survivor.strain == .overwhelmed)
    #expect(!survivor.complaint.isEmpty)
  }
}
