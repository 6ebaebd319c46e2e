/// What a worker has done about tasks: what it is at, and what it counts since the start of its slot.
package struct TaskTally: Equatable, Sendable {
  package var running = 0
  package var accepted = 0
  package var done = 0
  /// Attempts that failed and are repeated.
  package var retried = 0
  package var failed = 0

  package init() {}

  package static func += (sum: inout TaskTally, more: TaskTally) {
    sum.running = saturatingSum(sum.running, more.running)
    sum.accepted = saturatingSum(sum.accepted, more.accepted)
    sum.done = saturatingSum(sum.done, more.done)
    sum.retried = saturatingSum(sum.retried, more.retried)
    sum.failed = saturatingSum(sum.failed, more.failed)
  }

  func encode(into fields: inout Fields) {
    fields.set("tasks_running", running)
    fields.set("tasks_accepted", accepted)
    fields.set("tasks_done", done)
    fields.set("tasks_retried", retried)
    fields.set("tasks_failed", failed)
  }

  init(_ fields: Fields) {
    running = fields.count("tasks_running")
    accepted = fields.count("tasks_accepted")
    done = fields.count("tasks_done")
    retried = fields.count("tasks_retried")
    failed = fields.count("tasks_failed")
  }
}
