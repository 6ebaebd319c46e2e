import CommandLine
import EventLoop
import Measurement

/// How many sockets when, how often they send, and how long it all takes.
struct RunShape {
  let course: Course
  let duration: Duration
  let rate: Double
  let sendRate: Double
  /// The phases in one line, where there are some.
  let phases: String?

  init(_ settings: Settings, mode: Mode, seed: UInt64) throws(UsageError) {
    let text = try Self.text(settings)
    let parts = try Self.parts(settings, mode, text)
    phases = text == nil ? nil : Self.line(parts)
    sendRate = parts[0].sendRate
    rate = try Self.rate(settings, sockets: parts[0].sockets)
    course = Course(parts, rate: rate, seed: seed, tick: settings[Options.tick].wholeNanoseconds)
    duration = try Self.duration(settings, course, isPhased: text != nil ? parts : nil)
  }

  /// `--phases`: the name of a file, or the lines themselves.
  private static func text(_ settings: Settings) throws(UsageError) -> String? {
    guard settings.isSet(Options.phases) else { return nil }
    let value = settings[Options.phases]
    for other in ["sockets", "send-rate", "duration", "hold"] where isSet(other, settings) {
      throw UsageError("--phases says what --\(other) says: leave one out")
    }
    if value.contains(where: \.isWhitespace), (try? read(value)) != nil { return value }
    do throws(SystemError) { return try SmallFile.read(value) } catch {
      // No file has a name like that: they are lines, and what is wrong with them is told.
      if value.contains(where: \.isWhitespace) { return value }
      throw UsageError("--phases: \(error)")
    }
  }

  private static func isSet(_ name: String, _ settings: Settings) -> Bool {
    switch name {
    case "sockets": settings.isSet(Options.sockets)
    case "send-rate": settings.isSet(Options.sendRate)
    case "duration": settings.isSet(Options.duration)
    case _: settings.isSet(Options.hold)
    }
  }

  private static func parts(_ settings: Settings, _ mode: Mode, _ text: String?) throws(UsageError)
    -> [Course.Part]
  {
    let isSilent = mode == .idle || mode == .fanout
    guard let text else {
      return [
        Course.Part(
          nanoseconds: .max, sockets: settings[Options.sockets],
          sendRate: isSilent ? 0 : settings[Options.sendRate])
      ]
    }
    do throws(Course.Malformed) {
      return try read(text).map {
        Course.Part(
          nanoseconds: $0.nanoseconds, sockets: $0.sockets, sendRate: isSilent ? 0 : $0.sendRate)
      }
    } catch {
      throw UsageError("--phases: \(error)")
    }
  }

  private static func read(_ text: String) throws(Course.Malformed) -> [Course.Part] {
    try Course.parts(
      text, duration: { Options.duration.kind.read($0)?.wholeNanoseconds }, mostSockets: Options.mostSockets,
      mostRate: Options.mostSendRate)
  }

  private static func line(_ parts: [Course.Part]) -> String {
    parts.map { "\($0.nanoseconds / 1000)us \($0.sockets) \($0.sendRate)" }.joined(separator: ";")
  }

  private static func rate(_ settings: Settings, sockets: Int) throws(UsageError) -> Double {
    guard settings.isSet(Options.ramp) else { return settings[Options.rate] }
    if settings.isSet(Options.rate) { throw UsageError("--ramp says what --rate says: leave one out") }
    let seconds = Double(settings[Options.ramp].wholeNanoseconds) / 1e9
    return max(Double(sockets - 1), 1) / seconds
  }

  private static func duration(_ settings: Settings, _ course: Course, isPhased parts: [Course.Part]?)
    throws(UsageError) -> Duration
  {
    if let parts {
      return .nanoseconds(Int64(clamping: parts.reduce(0 as UInt64) { $0 &+ $1.nanoseconds }))
    }
    guard settings.isSet(Options.hold) else { return settings[Options.duration] }
    if settings.isSet(Options.duration) { throw UsageError("--hold and --duration exclude each other") }
    return .nanoseconds(Int64(clamping: course.openedBy)) + settings[Options.hold]
  }
}
