/// How long each step of a roll may take before it counts as failed.
package struct RollPlan: Equatable, Sendable {
  /// From the start of a successor until it is ready: it maps the pages, gets the descriptors, connects to Redis.
  package var prepare = Duration.seconds(10)
  /// From the word to take over until it has.
  package var takeOver = Duration.seconds(2)
  /// From the takeover until it has been healthy for `canary`.
  package var health = Duration.seconds(5)
  /// How long it has to be healthy, without a break, before the old one may go and the next slot begins.
  package var canary = Duration.milliseconds(200)
  /// Until a worker that crashed meanwhile serves again. Longer than the longest pause between its restarts.
  package var recovery = Duration.seconds(15)
  /// How many crashes of workers about to be replaced a roll sits out: it may well be what cures them.
  package var patience = 3

  package init() {}
}
