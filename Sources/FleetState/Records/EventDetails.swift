import JSONText

/// The events whose details other programs read: made and read here, so that nobody has to spell a name twice.
extension FleetEvent {
  // MARK: Rolls

  /// A step of a roll, or its end: to be told whenever `phase` or `slot` of the progress is another.
  package static func roll(
    _ progress: RollProgress, host: Name, command: Name? = nil
  ) -> FleetEvent {
    let kind: Kind =
      switch (progress.phase.isEnd, progress.kind) {
      case (false, _): .handover
      case (true, .roll), (true, .reload): .rolled
      case (true, .upgrade): .upgraded
      }
    return FleetEvent(
      kind, host: host, slot: progress.slot, text: "\(progress.kind.rawValue) \(progress.sentence)",
      command: command, details: ["roll": progress.text])
  }

  package var roll: RollProgress? { details["roll"].flatMap { RollProgress($0) } }

  // MARK: Rebalance

  /// The end of a rebalance.
  package static func rebalanced(
    _ handover: Handover, workers: Int, host: Name, command: Name? = nil
  ) -> FleetEvent {
    let freeze = Duration.microseconds(handover.freezeMicros).words
    return FleetEvent(
      .rebalanced, host: host,
      text:
        "rebalance: \(counted(handover.sockets, "socket")) moved between \(counted(workers, "worker")), longest freeze \(freeze)",
      command: command, details: ["moved": "\(handover.sockets)", "freeze": "\(handover.freezeMicros)"])
  }

  /// The end of a rebalance that did not succeed.
  package static func rebalanceFailed(_ reason: String, host: Name, command: Name? = nil) -> FleetEvent {
    FleetEvent(
      .rebalanced, host: host, text: "rebalance: stopped, \(reason)", command: command,
      details: ["failed": reason])
  }

  /// What a rebalance moved; nil for one that failed.
  package var rebalance: Handover? {
    guard kind == .rebalanced, let moved = details["moved"].flatMap({ Int($0) }), moved >= 0,
      let freeze = details["freeze"].flatMap({ Int($0) }), freeze >= 0
    else { return nil }
    return Handover(sockets: moved, freezeMicros: freeze)
  }

  // MARK: Audit

  package static func audited(_ report: AuditReport, host: Name, command: Name? = nil) -> FleetEvent {
    var json = JSONWriter()
    report.write(to: &json)
    return FleetEvent(
      .audited, host: host, text: "audit: \(report.sentence)", command: command, details: ["audit": json.text]
    )
  }

  package var audit: AuditReport? { details["audit"].flatMap { AuditReport(json: $0) } }
}
