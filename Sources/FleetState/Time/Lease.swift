/// A promise that has to be renewed: whoever dies takes no step, and its records vanish by themselves.
package struct Lease: Equatable, Sendable {
  package let length: Duration
  package let renewal: Duration
  private var renewed: Duration?

  /// CONTRACT 6: five seconds, renewed each second, so four renewals may fail before others take us for dead.
  package init(length: Duration = .seconds(5), renewal: Duration = .seconds(1)) {
    precondition(renewal < length, "a lease must be renewed before it ends")
    self.length = length
    self.renewal = renewal
  }

  /// Redis has confirmed a renewal that was sent at `moment`. The sending counts: what took long to arrive
  /// also ends earlier than it looks from here.
  package mutating func renew(sentAt moment: Duration) { renewed = max(renewed ?? moment, moment) }

  package func isDue(at now: Duration) -> Bool {
    guard let renewed else { return true }
    return now - renewed >= renewal
  }

  package func isHeld(at now: Duration) -> Bool {
    guard let renewed else { return false }
    return now - renewed < length
  }

  package var milliseconds: Int64 { length.wholeMilliseconds }
}
