import EventLoop
import Measurement
import RedisClient

/// Redis' clock as seen from here: what several machines agree on when they are to begin together.
///
/// The answer that came fastest says it best: it is wrong by half of its way at most.
struct SharedClock: Equatable {
  /// How long the way was, there and back; nil before the first answer.
  private(set) var uncertainty: UInt64?
  /// A moment here and what Redis said it was, in nanoseconds.
  private var here: UInt64 = 0
  private var there: UInt64 = 0

  /// An answer to a question of `asked` that came at `heard`.
  mutating func hear(_ unixMicroseconds: UInt64, asked: Moment, heard: Moment) {
    let way = heard.nanoseconds(since: asked)
    if let uncertainty, way > uncertainty { return }
    uncertainty = way
    here = asked.nanoseconds + way / 2
    there = unixMicroseconds.multipliedReportingOverflow(by: 1000).partialValue
  }

  /// Redis' time at `moment`, in microseconds.
  func microseconds(at moment: Moment) -> UInt64 {
    (there &+ (moment.nanoseconds &- here)) / 1000
  }

  /// When it is, or was, so late there.
  func moment(atMicroseconds time: UInt64) -> Moment {
    let nanoseconds = time.multipliedReportingOverflow(by: 1000).partialValue
    return Moment(nanoseconds: here &+ (nanoseconds &- there))
  }

  /// `TIME`: seconds and microseconds.
  static func microseconds(_ answer: Redis.Answer) -> UInt64? {
    guard let parts = try? answer.get().elements, parts.count == 2,
      let seconds = parts[0].integer.flatMap({ UInt64(exactly: $0) }), seconds < 1 << 40,
      let rest = parts[1].integer.flatMap({ UInt64(exactly: $0) }), rest < 1_000_000
    else { return nil }
    return seconds * 1_000_000 + rest
  }

  static let questions = 8
}

extension Redis {
  /// Asks what time it is, several times in turn, and hands over what was learnt.
  func measureClock(
    _ clock: SharedClock = SharedClock(), left: Int = SharedClock.questions,
    _ done: @escaping (SharedClock) -> Void
  ) {
    if left == 0 { return done(clock) }
    let asked = Moment.current
    send("TIME") { [weak self] answer in
      var clock = clock
      if let time = SharedClock.microseconds(answer) { clock.hear(time, asked: asked, heard: .current) }
      self?.measureClock(clock, left: left - 1, done)
    }
  }
}
