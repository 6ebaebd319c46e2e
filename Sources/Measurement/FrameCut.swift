import Bytes

/// Which frames leave in two parts, at which byte they are cut, and how much later the rest follows. All of it comes
/// from the seed, the socket and the message's number: the same plan cuts the same frames at the same bytes.
public struct FrameCut: Equatable, Sendable {
  /// One frame to be cut.
  public struct Place: Equatable, Sendable {
    /// Nanoseconds between the two parts.
    public let pause: UInt64
    fileprivate let bits: UInt64

    /// How many of the frame's `count` bytes leave first: at least one, and never all. One cut in four is among the
    /// first bytes, where the header lies, however long the frame is.
    public func first(of count: Int, header: Int) -> Int {
      if count < 2 { return count }
      let isInHeader = bits & 3 == 0
      let room = UInt64(isInHeader ? min(header, count - 1) : count - 1)
      return 1 + Int((bits >> 2) % room)
    }
  }

  private let percent: Double
  private let longestPause: UInt64
  private let seed: UInt64

  /// The rest follows within 1 to 20 ms; sooner where a socket sends so often that its next message would overtake it.
  public init?(percent: Double, period: UInt64?, seed: UInt64) {
    guard percent > 0 else { return nil }
    self.percent = percent
    self.seed = seed
    longestPause = max(Self.pauses, min(20_000_000, (period ?? .max) / 2))
  }

  public func place(socket: UInt32, message: UInt32) -> Place? {
    var random = SplitMix64(seed: seed ^ (UInt64(socket) << 32 | UInt64(message)) &* 0x9E37_79B9_7F4A_7C15)
    guard Double(random.next() >> 11) / Double(1 << 53) * 100 < percent else { return nil }
    let shortest = longestPause / Self.pauses
    return Place(pause: shortest + random.next() % (longestPause - shortest + 1), bits: random.next())
  }

  /// The longest pause is so many times the shortest.
  private static let pauses: UInt64 = 20
}
