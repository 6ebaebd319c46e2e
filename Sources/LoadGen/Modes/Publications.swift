import Measurement

/// What is said to everybody, and when: each process of a run knows the plan of it, and one of them says it.
struct Publications {
  /// In place of a socket's number in the stamp.
  static let speaker = UInt32.max

  private let schedule: Schedule
  private let begins: UInt64
  private let ends: UInt64
  private(set) var next: UInt32 = 0

  /// From `begins` on, when everybody should be there, until `ends`.
  init(rate: Double, seed: UInt64, begins: UInt64, ends: UInt64) {
    self.begins = begins
    self.ends = ends
    schedule = Schedule(sockets: 1, rate: 0, sendRate: rate, seed: seed)
  }

  var due: UInt64 { intended(of: next) }

  mutating func take() -> UInt32 {
    defer { next &+= 1 }
    return next
  }

  func intended(of number: UInt32) -> UInt64 {
    schedule.intended(of: 0, UInt64(number)).map { begins &+ $0 } ?? .max
  }

  /// How many of them fall due until `time`, and then. Who is late hears after the end what was said before it.
  func number(by time: UInt64) -> UInt32 {
    let first = begins &+ schedule.phase(of: 0)
    let time = min(time, ends)
    guard let period = schedule.period, time >= first else { return 0 }
    return UInt32(clamping: (time - first) / period + 1)
  }
}
