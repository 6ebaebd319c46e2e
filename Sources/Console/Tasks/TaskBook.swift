import FleetState
import TextUI

/// The fleet's tasks as they were last asked about: how many wait, the newest, the dead letters, one of them chosen.
struct TaskBook: Equatable, Sendable {
  /// How many there are of each.
  struct Count: Equatable, Sendable {
    /// In the queue: waiting for a worker, or at one.
    var queued = 0
    /// Their time is still to come.
    var later = 0
    /// Nobody will try them again.
    var dead = 0
  }

  private(set) var count = Count()
  private(set) var records: [TaskRecord] = []
  private(set) var hasBeenRead = false
  private(set) var problem: String?
  private(set) var pace = TaskPace()
  /// Nil for all. `failed` are the dead letters.
  private(set) var status: TaskStatus?
  private var selection = Selection<Name>()

  var row: Int { selection.row }
  var selected: TaskRecord? { records.indices.contains(row) ? records[row] : nil }

  mutating func take(_ count: Count, _ records: [TaskRecord], of status: TaskStatus?) {
    guard status == self.status else { return }
    self.count = count
    self.records = records
    hasBeenRead = true
    problem = nil
    selection.renew(
      records.count, { id in records.firstIndex { $0.id == id } }, at: { records[$0].id })
  }

  mutating func fail(_ reason: String) { problem = reason }

  mutating func see(_ snapshot: Snapshot) { pace.add(snapshot.tasks, at: snapshot.time) }

  mutating func choose(_ row: Int) {
    let records = self.records
    selection.choose(row, of: records.count) { records[$0].id }
  }

  /// True when the key meant something here.
  mutating func take(_ key: Key, height: Int) -> Bool {
    if key == .character("f") {
      let all: [TaskStatus?] = [nil] + TaskStatus.allCases
      let place = all.firstIndex(of: status) ?? 0
      status = all[(place + 1) % all.count]
      records = []
      hasBeenRead = false
      selection = Selection()
      return true
    }
    guard let row = selection.target(of: key, count: records.count, height: height) else { return false }
    choose(row)
    return true
  }
}

extension Inspection {
  static func of(_ task: TaskRecord, payload: String?) -> Inspection {
    var inspection = Inspection(
      "task \(task.id)",
      [
        ("kind", task.kind.rawValue), ("status", task.last.status.rawValue),
        ("attempt", "\(task.last.attempt), begun \(Reach.count(task.runs, "time"))"),
        ("created", Clock.time(UInt64(clamping: task.created)) + " UTC"),
        ("changed", Clock.time(UInt64(clamping: task.last.at)) + " UTC"),
      ])
    if let due = task.due { inspection.facts.append(("due", Clock.time(UInt64(clamping: due)) + " UTC")) }
    if let client = task.client { inspection.facts.append(("client", client.text)) }
    if let reason = task.last.reason { inspection.facts.append(("reason", reason)) }
    if let payload, !payload.isEmpty {
      inspection.facts.append(("payload", String(payload.prefix(longestPayload))))
    }
    return inspection
  }

  private static let longestPayload = 2000
}
