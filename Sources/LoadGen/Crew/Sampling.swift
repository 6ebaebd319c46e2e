import EventLoop
import Measurement

/// Looks at a generator's figures at the end of each step of the run's axis, and hands over what came to them.
final class Sampling {
  private let loop: EventLoop
  private let generator: Generator
  private let start: Moment
  private let hand: (SeriesStep, UInt64) -> Void
  private var sampler = Sampler(busy: Machine.cpuNanoseconds)
  private var isOver = false

  /// `hand` is told the step and when in the run it was.
  init(
    _ loop: EventLoop, _ generator: Generator, start: Moment, hand: @escaping (SeriesStep, UInt64) -> Void
  ) {
    self.loop = loop
    self.generator = generator
    self.start = start
    self.hand = hand
  }

  func begin() { wait(for: Moment.current.nanoseconds(since: start) / RunSeries.finest) }

  /// What came since the last step; then no more.
  func end() {
    if isOver { return }
    isOver = true
    look(at: Moment.current.nanoseconds(since: start))
  }

  /// A look that comes late, because the loop was busy, has all that came since the last one.
  private func wait(for step: UInt64) {
    let end = (step + 1) * RunSeries.finest
    loop.after(start.advanced(byNanoseconds: end).duration(since: .current)) { [weak self] in
      guard let self, !isOver else { return }
      look(at: end - 1)
      wait(for: max(step + 1, Moment.current.nanoseconds(since: start) / RunSeries.finest))
    }
  }

  private func look(at time: UInt64) {
    hand(sampler.look(at: generator.figures, busy: Machine.cpuNanoseconds), time)
  }
}
