/// Where a connection comes from, as numbers: plain data that can lie in shared pages. Nothing is known of `.none`.
public struct PeerAddress: Hashable, Sendable, BitwiseCopyable {
  public enum Version: UInt8, BitwiseCopyable, Sendable { case none, v4, v6 }

  public static let none = PeerAddress(version: .none, high: 0, low: 0, port: 0)

  /// The address as one number of 128 bits; of an IPv4 address the last 32.
  public let high: UInt64
  public let low: UInt64
  public let port: UInt16
  // Last: with it all is three words.
  public let version: Version

  public init(version: Version, high: UInt64 = 0, low: UInt64, port: UInt16) {
    self.version = version
    self.high = high
    self.low = low
    self.port = port
  }
}

extension PeerAddress: CustomStringConvertible {
  /// `192.0.2.1:5000`, `[2001:db8::1]:5000`.
  public var description: String {
    switch version {
    case .none: "?"
    case .v4: "\(dotted):\(port)"
    case .v6: "[\(grouped)]:\(port)"
    }
  }

  private var dotted: String {
    stride(from: UInt64(24), through: 0, by: -8).map { "\(low >> $0 & 0xFF)" }.joined(separator: ".")
  }

  /// As RFC 5952 §4 has it: lower case, no leading zeros, the first longest run of two zero groups or more left out.
  private var grouped: String {
    let shifts = stride(from: UInt64(48), through: 0, by: -16)
    let groups = shifts.map { high >> $0 & 0xFFFF } + shifts.map { low >> $0 & 0xFFFF }
    let texts = groups.map { String($0, radix: 16) }
    guard let gap = Self.longestGap(groups) else { return texts.joined(separator: ":") }
    return texts[..<gap.lowerBound].joined(separator: ":") + "::"
      + texts[gap.upperBound...].joined(separator: ":")
  }

  private static func longestGap(_ groups: [UInt64]) -> Range<Int>? {
    var longest: Range<Int>?
    var start = 0
    for index in 0...groups.count {
      if index < groups.count, groups[index] == 0 { continue }
      if index - start > max(1, longest?.count ?? 0) { longest = start..<index }
      start = index + 1
    }
    return longest
  }
}
