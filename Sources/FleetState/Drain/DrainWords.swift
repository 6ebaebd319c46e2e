/// The sentences a drain writes to the log; the first four to the letter (CONTRACT 5). A worker's number is its
/// process id.
package enum DrainWords {
  package static func initiated(worker pid: Int32, timeout: Duration) -> String {
    "[worker=\(pid)] Shutdown initiated → waiting for global disconnect (timeout=\(wholeSeconds(timeout))s)"
  }

  package static func progress(worker pid: Int32, open: Int, remaining: Duration) -> String {
    "[worker=\(pid)] Shutdown progress | global=\(open) | remaining=\(wholeSeconds(remaining))s"
  }

  package static func complete(worker pid: Int32) -> String {
    "[worker=\(pid)] All global WS connections closed → shutdown complete."
  }

  package static func forced(open: Int) -> String {
    "FORCE shutdown → still \(open) clients connected globally"
  }

  // MARK: The pace

  package static func lowered(to percent: Int, because complaint: String) -> String {
    "pace lowered to \(percent) %: \(complaint)"
  }

  package static let even = "pace even again: nobody is strained"

  package static func hurried(despite complaint: String) -> String {
    "pace even again in spite of \(complaint): the deadline comes first"
  }

  private static func wholeSeconds(_ time: Duration) -> Int64 { max(0, time.components.seconds) }
}
