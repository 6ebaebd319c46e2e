/// Which changes of the pace are worth a sentence: a drop that shows, and the end of it.
///
/// A rate is lowered at most once a second, and so there is at most one sentence a second.
package struct PaceRemarks: Equatable, Sendable {
  /// The percentage people know of, or that it has risen to unsaid.
  private var known = 100

  private static let worthSaying = 10

  package init() {}

  package mutating func remark(_ rate: Pace.Rate, _ survivor: Survivor?) -> String? {
    let strained = survivor.flatMap { $0.strain > .calm ? $0 : nil }
    if let strained, rate.percent <= known - Self.worthSaying {
      known = rate.percent
      return DrainWords.lowered(to: rate.percent, because: strained.complaint)
    }
    guard known < 100 else { return nil }
    // The last few percent are approached slowly.
    guard rate.percent > 100 - Self.worthSaying else {
      known = max(known, rate.percent)
      return nil
    }
    known = 100
    return strained.map { DrainWords.hurried(despite: $0.complaint) } ?? DrainWords.even
  }
}
