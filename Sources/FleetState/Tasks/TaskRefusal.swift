/// Why something asked for is no task, in words for whoever asked.
package struct TaskRefusal: Error, Equatable, Sendable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
