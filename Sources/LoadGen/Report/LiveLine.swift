import EventLoop
import Glibc
import Measurement

/// What is known while the run goes on: one line, rewritten on a terminal, now and then a new one elsewhere.
final class LiveLine {
  /// What one generator says of itself each second.
  struct Moment: Equatable {
    var open = 0
    var wanted = 0
    var sent = 0
    var received = 0
    var drops = 0
    var reconnects = 0

    static func += (sum: inout Moment, more: Moment) {
      sum.open += more.open
      sum.wanted += more.wanted
      sum.sent += more.sent
      sum.received += more.received
      sum.drops += more.drops
      sum.reconnects += more.reconnects
    }
  }

  private let isTerminal = Machine.isTerminal(2)
  private let isQuiet: Bool
  private var last = Moment()
  private var ticks = 0

  private static let plainEvery = 5

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func show(_ now: Moment, seconds: Int) {
    if isQuiet { return }
    ticks += 1
    let line =
      "\(seconds) s  \(Number.grouped(now.open))/\(Number.grouped(now.wanted)) open  "
      + "\(Number.grouped(now.sent - last.sent)) sent/s  \(Number.grouped(now.received - last.received)) back/s  "
      + "\(Number.grouped(now.drops)) drops  \(Number.grouped(now.reconnects)) came back"
    last = now
    if isTerminal {
      Output.write("\r\u{1B}[K" + line, to: 2)
    } else if ticks % Self.plainEvery == 0 {
      Output.write(line + "\n", to: 2)
    }
  }

  /// Something that happened, on a line of its own; unless quiet.
  func note(_ text: String) { if !isQuiet { say(text) } }

  /// What must be read, quiet or not.
  func say(_ text: String) {
    end()
    Output.write(text + "\n", to: 2)
  }

  func end() { if isTerminal && !isQuiet && ticks > 0 { Output.write("\r\u{1B}[K", to: 2) } }
}

enum Output {
  static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // SAFETY: the slice's own memory and count, alive for the call.
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}
