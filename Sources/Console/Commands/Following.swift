import FleetState
import JSONText

/// What a script waits for, host by host, after its command was taken. Events and records come in; lines for people,
/// the end and an exit code come out.
struct Following {
  enum Goal: Equatable {
    case drained
    /// A roll, until it is `done`, `takenback`, or holds.
    case rolled(RollPhase)
    case rebalanced, audited
  }

  private enum End {
    case drained(Ledger)
    case rolled(RollProgress)
    case rebalanced(Handover)
    case audited(AuditReport)
    case failed
    /// It has said nothing, and will not any more.
    case gone
  }

  private let goal: Goal
  private let command: Name
  private let hosts: [Name]
  private var ends: [Name: End] = [:]
  /// Hosts whose record is missing, since when.
  private var missing: [Name: Int64] = [:]

  /// A record may be gone a moment before the event that says why is here.
  private static let graceMilliseconds: Int64 = 2000

  init(_ goal: Goal, command: Name, hosts: [Name]) {
    self.goal = goal
    self.command = command
    self.hosts = hosts.sorted()
  }

  var isOver: Bool { hosts.allSatisfy { ends[$0] != nil } }

  // MARK: What happens

  /// What there is to print about it.
  mutating func hear(_ event: FleetEvent) -> [String] {
    guard hosts.contains(event.host), ends[event.host] == nil else { return [] }
    switch goal {
    case .drained:
      if event.kind == .resumed {
        ends[event.host] = .failed
        return ["\(event.host): \(event.text)"]
      }
      guard event.kind == .drain, let ledger = event.details["ledger"].flatMap({ Ledger($0) }) else {
        return []
      }
      ends[event.host] = .drained(ledger)
      return ["\(event.host): \(ledger.text)"]
    case .rolled(let wanted):
      guard let roll = event.roll else { return [] }
      if roll.phase.isEnd || roll.phase == wanted { ends[event.host] = .rolled(roll) }
      return ["\(event.host): \(roll.sentence)"]
    case .rebalanced:
      guard event.kind == .rebalanced, event.command == command else { return [] }
      ends[event.host] = event.rebalance.map { .rebalanced($0) } ?? .failed
      return ["\(event.host): \(event.text)"]
    case .audited:
      guard event.kind == .audited, event.command == command else { return [] }
      guard let report = event.audit else {
        ends[event.host] = .failed
        return ["\(event.host): \(event.text)"]
      }
      ends[event.host] = .audited(report)
      return ["\(event.host): \(report.sentence)"] + Self.lines(report).map { "  " + $0 }
    }
  }

  mutating func see(_ snapshot: Snapshot) -> [String] {
    let there = Set(snapshot.hosts.map(\.record.id))
    var lines: [String] = []
    for host in hosts where ends[host] == nil {
      if there.contains(host) {
        missing[host] = nil
      } else if snapshot.time - missing[host, default: snapshot.time] >= Self.graceMilliseconds {
        lines.append(lose(host, "gone without a word"))
      } else {
        missing[host] = missing[host] ?? snapshot.time
      }
    }
    return lines
  }

  /// Nobody else will say anything any more.
  mutating func giveUp(_ reason: String) -> [String] {
    hosts.filter { ends[$0] == nil }.map { lose($0, reason) }
  }

  private mutating func lose(_ host: Name, _ reason: String) -> String {
    ends[host] = .gone
    return "\(host): \(reason)"
  }

  // MARK: How it ended

  enum Result { case good, failed, unreachable }

  var result: Result {
    var result = Result.good
    for host in hosts {
      switch ends[host] {
      case .drained(let ledger) where ledger[.lost] == 0: break
      case .rolled(let roll) where goal == .rolled(roll.phase): break
      // A pause that comes too late to hold anything is none of the operator's mistakes.
      case .rolled(let roll) where goal == .rolled(.paused) && roll.phase == .done: break
      case .rebalanced: break
      case .audited(let report) where report.isClean: break
      case .drained, .rolled, .audited, .failed, nil: result = .failed
      // Whoever drains may end before it is heard; nobody else should.
      case .gone: if goal == .drained { result = .failed } else { return .unreachable }
      }
    }
    return result
  }

  /// An object with a member for each host; null for one that is gone or has failed.
  var json: String {
    var writer = JSONWriter(style: .pretty)
    writer.beginObject()
    for host in hosts {
      writer.name(host.text)
      switch ends[host] {
      case .drained(let ledger): writer.whole { $0.ledger(ledger) }
      case .rolled(let roll): writer.whole { $0.roll(roll) }
      case .rebalanced(let handover):
        writer.whole {
          $0.member("moved", handover.sockets)
          $0.member("longest_freeze_us", handover.freezeMicros)
        }
      case .audited(let report): report.write(to: &writer)
      case .failed, .gone, nil: writer.null()
      }
    }
    writer.endObject()
    return writer.text + "\n"
  }

  /// One line for each finding of an audit.
  static func lines(_ report: AuditReport) -> [String] {
    var lines = report.findings.map { finding in
      let place = finding.slot.map { "worker \($0)" } ?? "host"
      let state =
        finding.fixed == finding.count ? "fixed" : finding.fixed == 0 ? "not fixed" : "\(finding.fixed) fixed"
      return "\(place): \(finding.what) ×\(finding.count), \(state): \(finding.text)"
    }
    if report.omitted > 0 { lines.append("and \(report.omitted) more") }
    return lines
  }
}

extension JSONWriter {
  fileprivate mutating func whole(_ members: (inout JSONWriter) -> Void) {
    beginObject()
    members(&self)
    endObject()
  }
}
