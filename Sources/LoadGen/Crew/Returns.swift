import Bytes
import Measurement

/// What comes back from those who hold a run's sockets: steps while it goes on, figures at its end. One that ends
/// without a report is a failure of the whole run: its sockets are in no figure.
final class Returns {
  /// As soon as it is known.
  var onFailure: ((String) -> Void)?
  /// An assertion cannot hold any more.
  var onHopeless: ((String) -> Void)?
  /// For who hands steps on: the packet as it came.
  var onStep: (([UInt8]) -> Void)?
  private(set) var figures = RunFigures()
  private(set) var series = RunSeries()
  private(set) var failures: [String] = []

  /// One of those, and what it has told of its figures.
  final class Share {
    let sockets: Range<Int>
    fileprivate(set) var hasReported = false
    fileprivate var text: [UInt8] = []
    /// What its steps have told, and until when.
    fileprivate var open = 0
    fileprivate var heardUntil: UInt64?

    /// Figures are some hundred kilobytes; whoever tells more tells something else.
    fileprivate static let mostText = 16 << 20

    init(sockets: Range<Int>) { self.sockets = sockets }
  }

  /// A packet with one of `Task`'s marks.
  func hear(_ packet: Span<UInt8>, from share: Share) {
    guard packet.count > 0 else { return }
    let rest = packet.extracting(droppingFirst: 1)
    switch packet[0] {
    case Task.stepMark:
      guard let (step, time) = SeriesStep.read(rest) else { return }
      share.open += step.joined - step.left
      share.heardUntil = time
      series.add(step, at: time)
      onStep?(packet.copied())
    case Task.figuresMark:
      if share.text.count < Share.mostText { share.text.append(contentsOf: rest.copied()) }
    case Task.hopelessMark: onHopeless?(String(decoding: rest.copied(), as: UTF8.self))
    case Task.endMark:
      let text = share.text
      let found = RunFigures(text.span)
      if !share.hasReported, let found {
        share.hasReported = true
        figures.merge(found)
      }
    default: return
    }
  }

  /// It is over with `who`. Without a report of its own the run has failed, and it matters how it ended.
  func close(_ share: Share, who: String, how: String) {
    if share.hasReported { return }
    figures.wanted += share.sockets.count
    var reason =
      "\(who) ended without a report (\(how)): sockets \(share.sockets.lowerBound) to "
      + "\(share.sockets.upperBound - 1) are in no figure"
    if let time = share.heardUntil {
      // They ended with it.
      var step = SeriesStep()
      step.left = share.open
      series.add(step, at: time)
      onStep?([Task.stepMark] + step.packet(at: time))
      reason += ", and in the series until \(Number.time(time)) only"
    }
    fail(reason)
  }

  func fail(_ failure: String) {
    failures.append(failure)
    onFailure?(failure)
  }
}
