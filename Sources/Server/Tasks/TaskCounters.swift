/// What a worker slot counts of tasks.
struct TaskCounters: BitwiseCopyable {
  var accepted: UInt64 = 0
  /// Turned away: full, draining, or without Redis.
  var turnedAway: UInt64 = 0
  var begun: UInt64 = 0
  var done: UInt64 = 0
  var retried: UInt64 = 0
  var failed: UInt64 = 0
  /// Taken over from a worker that no longer showed itself.
  var claimed: UInt64 = 0
  /// Here now.
  var running: UInt64 = 0
  /// In the whole fleet, as this worker last heard.
  var unfinished: UInt64 = 0
}
