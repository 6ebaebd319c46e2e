import EventLoop
import Measurement

/// What is known while the run goes on, in one line: rewritten on a terminal, now and then a new one elsewhere.
final class LiveLine {
  private let isTerminal = Machine.isTerminal(2)
  private var sent = 0
  private var received = 0
  private var ticks = 0

  private static let plainEvery = 5

  /// Once a second.
  func show(_ series: RunSeries, wanted: Int, seconds: Int) {
    ticks += 1
    let total = series.total
    let line =
      "\(seconds) s  \(Number.grouped(series.open.last ?? 0))/\(Number.grouped(wanted)) open  "
      + "\(Number.grouped(total.sent - sent)) sent/s  \(Number.grouped(total.received - received)) back/s  "
      + "\(Number.grouped(total.drops.total)) drops  \(Number.grouped(total.reconnects)) came back"
    sent = total.sent
    received = total.received
    if isTerminal {
      Output.write("\r\u{1B}[K" + line, to: 2)
    } else if ticks % Self.plainEvery == 0 {
      Output.write(line + "\n", to: 2)
    }
  }

  /// Something that happened, on a line of its own.
  func say(_ text: String) {
    end()
    Output.write(text + "\n", to: 2)
  }

  func end() { if isTerminal && ticks > 0 { Output.write("\r\u{1B}[K", to: 2) } }
}
