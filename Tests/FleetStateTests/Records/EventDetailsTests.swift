import Testing

@testable import FleetState

@Suite struct EventDetailsTests {
  private func name() throws -> Name { try #require(Name("web-1")) }

  @Test("a step of a roll survives the stream, and its kind tells whether it is the end")
  func roll() throws {
    var progress = RollProgress(.upgrade, .proving, of: 2)
    progress.slot = 1
    let step = FleetEvent.roll(progress, host: try name(), command: try name())
    let read = try #require(FleetEvent(step.fields))
    #expect(read.roll == progress && read.kind == .handover && read.slot == 1 && read.command == step.command)
    #expect(read.text == "upgrade worker 1: taken over")
    progress.phase = .done
    #expect(FleetEvent.roll(progress, host: try name()).kind == .upgraded)
    progress.kind = .reload
    #expect(FleetEvent.roll(progress, host: try name()).kind == .rolled)
    #expect(FleetEvent(.handover, host: try name(), details: ["roll": "kind=roll"]).roll == nil)
  }

  @Test("the end of a rebalance, good or bad")
  func rebalance() throws {
    let moved = Handover(sockets: 800, freezeMicros: 3000)
    let event = try #require(FleetEvent(FleetEvent.rebalanced(moved, workers: 4, host: try name()).fields))
    #expect(event.rebalance == moved)
    #expect(event.text == "rebalance: 800 sockets moved between 4 workers, longest freeze 3 ms")
    let failed = try #require(
      FleetEvent(FleetEvent.rebalanceFailed("worker 1 is full", host: try name()).fields))
    #expect(failed.rebalance == nil && failed.kind == .rebalanced)
    var made = event
    made.details["moved"] = "-1"
    #expect(made.rebalance == nil)
  }

  @Test("the fullest report survives the stream whole")
  func audit() throws {
    var report = AuditReport(checked: 20_000)
    for slot in 0..<40 {
      let text = String(repeating: "\"", count: 200)
      report.add(.init(slot: slot, what: "ghost", count: 3, fixed: 1, text: text))
    }
    #expect(report.findings.count == AuditReport.most && report.omitted == 8)
    let event = try #require(FleetEvent(FleetEvent.audited(report, host: try name()).fields))
    #expect(event.audit == report)
    #expect(event.text == "audit: 20000 sockets checked, 40 findings, 0 fixed")
  }
}
