/// How a task stands.
package enum TaskStatus: String, CaseIterable, Sendable {
  /// Durable, and nobody has begun.
  case queued
  case running
  /// An attempt failed; another one will follow.
  case retrying
  case done
  /// No attempt is left, or none would help.
  case failed

  /// Nothing will happen to it any more.
  package var isOver: Bool {
    switch self {
    case .queued, .running, .retrying: false
    case .done, .failed: true
    }
  }

  /// As in `Task 7f… Queued`.
  package var word: String {
    switch self {
    case .queued: "Queued"
    case .running: "Running"
    case .retrying: "Retrying"
    case .done: "Done"
    case .failed: "Failed"
    }
  }
}
