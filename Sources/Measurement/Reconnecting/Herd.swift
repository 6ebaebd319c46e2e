/// When sockets came back, in steps of 100 ms since the run began: the shape of a stampede.
public struct Herd: Equatable, Sendable {
  public private(set) var bins: [Int] = []
  /// Came after the last step there is room for.
  public private(set) var beyond = 0

  public static let binNanoseconds: UInt64 = 100_000_000
  /// An hour.
  public static let mostBins = 36_000

  public init() {}

  public mutating func add(at nanoseconds: UInt64, _ count: Int = 1) {
    let bin = nanoseconds / Self.binNanoseconds
    guard bin < UInt64(Self.mostBins) else {
      beyond = beyond.addingClamped(count)
      return
    }
    while bins.count <= Int(bin) { bins.append(0) }
    bins[Int(bin)] = bins[Int(bin)].addingClamped(count)
  }

  public mutating func merge(_ other: Herd) {
    for (bin, count) in other.bins.enumerated() where count > 0 {
      add(at: UInt64(bin) * Self.binNanoseconds, count)
    }
    beyond = beyond.addingClamped(other.beyond)
  }

  public var peak: Int { bins.max() ?? 0 }
}

extension Herd {
  /// What another process has seen; nil for more steps than there are.
  init?(bins: [Int], beyond: Int) {
    guard bins.count <= Self.mostBins else { return nil }
    self.bins = bins
    self.beyond = beyond
  }
}
