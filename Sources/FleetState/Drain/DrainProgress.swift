/// How far a drain has come, as the host's record tells it.
package struct DrainProgress: Equatable, Sendable {
  package var phase: Drain.Phase
  package var preset: DrainPreset?
  package var open: Int
  package var total: Int
  package var remaining: Duration
  package var ledger: Ledger
  /// Only while it paces and has somebody to ask, and not from a host of an older build.
  package var rate: Pace.Rate?

  package init(
    phase: Drain.Phase, preset: DrainPreset? = nil, open: Int, total: Int, remaining: Duration,
    ledger: Ledger,
    rate: Pace.Rate? = nil
  ) {
    self.phase = phase
    self.preset = preset
    self.open = open
    self.total = total
    self.remaining = remaining
    self.ledger = ledger
    self.rate = rate
  }

  /// 0 at the announcement, 1 when nobody is left.
  package var fraction: Double {
    total <= 0 ? 1 : min(max(1 - Double(open) / Double(total), 0), 1)
  }

  /// `pacing standard 12 400 7300 start=400 … per_second=50 pace=40`: phase, preset, open, total, milliseconds left,
  /// ledger, rate. An older build takes the rate for a bucket it does not know and passes over it.
  package var text: String {
    let rate = rate.map { " \($0.text)" } ?? ""
    return
      "\(phase.rawValue) \(preset?.text ?? "-") \(open) \(total) \(remaining.wholeMilliseconds) \(ledger.text)\(rate)"
  }

  package init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 5)
    guard words.count == 6, let phase = Drain.Phase(rawValue: String(words[0])), let open = Int(words[2]),
      let total = Int(words[3]), let left = Int64(words[4]), let ledger = Ledger(words[5]),
      open >= 0, total >= 0, (0...Int64(DrainPreset.longestSeconds) * 1000).contains(left)
    else { return nil }
    self.init(
      phase: phase, preset: DrainPreset(words[1]), open: open, total: total, remaining: .milliseconds(left),
      ledger: ledger, rate: Pace.Rate(words[5]))
  }
}

extension Pace.Rate {
  fileprivate var text: String { "per_second=\(perSecond) pace=\(percent)" }

  /// Nil where it is missing or made up.
  fileprivate init?(_ text: some StringProtocol) {
    let number = { (name: String) -> Int? in
      let word = text.split(separator: " ", maxSplits: 15).last { $0.hasPrefix(name) }
      return word.flatMap { Int($0.dropFirst(name.count)) }
    }
    guard let perSecond = number("per_second="), let percent = number("pace="), perSecond >= 0,
      (0...100).contains(percent)
    else { return nil }
    self.init(perSecond: perSecond, percent: percent)
  }
}

extension Drain {
  package func progress(at now: Duration, open: Int, preset: DrainPreset?, ledger: Ledger) -> DrainProgress {
    DrainProgress(
      phase: phase, preset: preset, open: open, total: total, remaining: remaining(at: now), ledger: ledger,
      rate: rate)
  }
}

extension Duration {
  package var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
  }
}
