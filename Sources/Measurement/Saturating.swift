extension FixedWidthInteger {
  /// The sum, or the largest number there is: what another process reports must not stop this one.
  func addingClamped(_ more: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(more)
    return overflow ? (more < 0 ? .min : .max) : sum
  }
}
