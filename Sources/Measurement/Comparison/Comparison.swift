/// Two sets of runs side by side: the first is what was, the second what is now.
///
/// A figure is worse, or better, when two things hold: the difference is more than chance (Resampling, or
/// CountDifference), and it is more than `tolerance`, because a difference nobody would act on is none.
package struct Comparison: Equatable, Sendable {
  package enum Judgement: String, Sendable {
    case same, better, worse
    /// There is too little to judge by.
    case unknown
  }

  package enum Unit: Sendable { case microseconds, count }

  package struct Row: Equatable, Sendable {
    package let name: String
    package let unit: Unit
    package let first: Double?
    package let second: Double?
    /// Of the ratio, with 99.5 % confidence; nil for counts, and where too little is known.
    package let interval: ClosedRange<Double>?
    package let judgement: Judgement

    package var ratio: Double? {
      guard let first, let second, first > 0 else { return nil }
      return second / first
    }
  }

  package let rows: [Row]

  package static let standardTolerance = 0.05

  package init(_ first: [Evidence], _ second: [Evidence], tolerance: Double = Self.standardTolerance) {
    var rows = LatencyFigure.allCases.map { Self.row($0, first, second, tolerance) }
    rows.append(Self.stalls(first, second, tolerance))
    for field in Evidence.counts { rows.append(Self.row(field, first, second, tolerance)) }
    self.rows = rows
  }

  /// Worse as soon as one figure is, better when one is better and none worse.
  package var judgement: Judgement {
    let all = rows.map(\.judgement)
    if all.contains(.worse) { return .worse }
    if all.contains(.better) { return .better }
    return rows.contains { $0.unit == .microseconds && $0.judgement == .same } ? .same : .unknown
  }

  private static func row(
    _ figure: LatencyFigure, _ first: [Evidence], _ second: [Evidence], _ tolerance: Double
  ) -> Row {
    let blocks = [first, second].map { runs in runs.map { $0.blocks(of: figure) } }
    let found = blocks.allSatisfy { side in side.allSatisfy { $0.count >= Evidence.fewestBlocks } }
    guard found, let sample = Resampling(blocks[0], blocks[1]) else {
      return Row(
        name: figure.rawValue, unit: .microseconds, first: nil, second: nil, interval: nil,
        judgement: .unknown)
    }
    var judgement = Judgement.same
    if sample.low > 1, sample.ratio >= 1 + tolerance { judgement = .worse }
    if sample.high < 1, sample.ratio * (1 + tolerance) <= 1 { judgement = .better }
    return Row(
      name: figure.rawValue, unit: .microseconds, first: sample.first, second: sample.second,
      interval: sample.low...sample.high, judgement: judgement)
  }

  private static func row(
    _ field: Evidence.Count, _ first: [Evidence], _ second: [Evidence], _ tolerance: Double
  ) -> Row {
    func sum(_ runs: [Evidence], _ number: KeyPath<Evidence, Int>) -> Int {
      runs.reduce(0) { $0.addingClamped(max(0, $1[keyPath: number])) }
    }
    let (before, now) = (sum(first, field.count), sum(second, field.count))
    let (stakeBefore, stakeNow) = (sum(first, field.stake), sum(second, field.stake))
    return row(field.name, (before, stakeBefore), (now, stakeNow), tolerance)
  }

  /// Slow is a step that took several times as long as the middle one of both sides.
  private static func stalls(_ first: [Evidence], _ second: [Evidence], _ tolerance: Double) -> Row {
    let tails = (first + second).flatMap(\.tails).sorted()
    let bound = tails.isEmpty ? 0 : tails[tails.count / 2] * Evidence.slowTimes
    let sides = [first, second].map { runs in
      runs.map { $0.slowSteps(beyond: bound) }.reduce((0, 0)) { ($0.0 + $1.slow, $0.1 + $1.all) }
    }
    return row("slow steps", sides[0], sides[1], tolerance)
  }

  private static func row(
    _ name: String, _ first: (count: Int, stake: Int), _ second: (count: Int, stake: Int),
    _ tolerance: Double
  ) -> Row {
    let difference = CountDifference(
      first: first.count, of: first.stake, second: second.count, of: second.stake)
    let rate = Double(second.count) / Double(max(1, second.stake))
    let rateBefore = Double(first.count) / Double(max(1, first.stake))
    var judgement = Judgement.same
    if difference.chanceOfMore < doubt, rate >= rateBefore * (1 + tolerance) { judgement = .worse }
    if difference.chanceOfLess < doubt, rate * (1 + tolerance) <= rateBefore { judgement = .better }
    return Row(
      name: name, unit: .count, first: Double(first.count), second: Double(second.count), interval: nil,
      judgement: judgement)
  }

  private static let doubt = 0.005
}
