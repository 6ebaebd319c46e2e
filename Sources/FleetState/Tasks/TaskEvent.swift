import JSONText

/// One change of a task, as those who watch it are told.
package struct TaskEvent: Equatable, Sendable {
  package var id: Name
  package var status: TaskStatus
  package var attempt: Int
  /// When, in milliseconds since 1970.
  package var at: Int64
  /// Why it failed, or is tried again.
  package var reason: String?

  package init(_ id: Name, _ status: TaskStatus, attempt: Int, at: Int64, reason: String? = nil) {
    self.id = id
    self.status = status
    self.attempt = attempt
    self.at = at
    self.reason = reason
  }

  /// `Task 7f… Retrying: the receiver answered 503`
  package var message: String {
    let words = "Task \(id) \(status.word)"
    return reason.map { "\(words): \($0)" } ?? words
  }

  package var json: String {
    var json = JSONWriter(style: .spaced)
    json.beginObject()
    writeMembers(to: &json)
    json.endObject()
    return json.text
  }

  func writeMembers(to json: inout JSONWriter) {
    json.member("task_id", id.text)
    json.member("status", status.rawValue)
    json.member("message", message)
    json.member("attempt", attempt)
    json.name("ts")
    json.number(Double(at) / 1000)
  }
}
