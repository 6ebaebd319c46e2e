import Bytes

/// How long the messages of a run are: all alike, or by a distribution. The length of each follows from the seed, its
/// socket and its number, so that whoever hears one knows how long it has to be.
public struct MessageSizes: Equatable, Sendable {
  private enum Shape: Equatable, Sendable {
    case uniform(ClosedRange<Int>)
    case exponential(mean: Int)
    case weighted([Share])
  }

  /// One length, and the share of all messages that are as long or come before it in the list.
  private struct Share: Equatable, Sendable {
    let size: Int
    let upTo: Double
  }

  /// As it was written.
  public let text: String
  /// Nil where lengths differ.
  public let fixed: Int?
  private let shape: Shape?
  private let seed: UInt64

  /// What a `Stamp` takes.
  public static let shortest = 64
  public static let largest = 1 << 20
  public static let words =
    "a size such as 512 or 4k, 'uniform:64-1000', 'exp:200', or sizes with weights as '64:9,4k:1'"

  /// Nil for what is none of those. What comes out shorter than a stamp becomes as long as one.
  public init?(_ text: String, seed: UInt64) {
    self.text = text
    self.seed = seed
    if let size = Self.bytes(text[...]) {
      guard size >= Self.shortest else { return nil }
      fixed = size
      shape = nil
      return
    }
    fixed = nil
    guard let shape = Self.shape(text) else { return nil }
    self.shape = shape
  }

  @inline(__always)
  public func size(socket: UInt32, message: UInt32) -> Int {
    if let fixed { return fixed }
    return drawn(socket, message)
  }

  /// Of very many messages.
  public var mean: Double {
    let count = 4096
    let sum = (0..<count).reduce(0) { $0 + size(socket: 0, message: UInt32($1)) }
    return fixed.map(Double.init) ?? Double(sum) / Double(count)
  }

  private func drawn(_ socket: UInt32, _ message: UInt32) -> Int {
    var random = SplitMix64(seed: seed ^ (UInt64(message) << 32 | UInt64(socket)) &* 0xD6E8_FEB8_6659_FD93)
    let share = Double(random.next() >> 11) / Double(1 << 53)
    let size =
      switch shape {
      case .uniform(let range): range.lowerBound + Int(share * Double(range.count))
      case .exponential(let mean): Int(min(-logarithm(1 - share) * Double(mean), Double(Self.largest)))
      case .weighted(let shares): (shares.first { share < $0.upTo } ?? shares[shares.count - 1]).size
      case nil: Self.shortest
      }
    return max(Self.shortest, min(size, Self.largest))
  }

  // MARK: Reading

  private static func shape(_ text: String) -> Shape? {
    if text.hasPrefix("uniform:") {
      let ends = text.dropFirst(8).split(separator: "-", omittingEmptySubsequences: false).map(bytes)
      guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high else { return nil }
      return .uniform(low...high)
    }
    if text.hasPrefix("exp:") { return bytes(text.dropFirst(4)).map { .exponential(mean: $0) } }
    return shares(text).map { .weighted($0) }
  }

  private static func shares(_ text: String) -> [Share]? {
    var sizes: [(size: Int, weight: Double)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: ":", omittingEmptySubsequences: false)
      guard pair.count == 2, let size = bytes(pair[0]), let weight = Double(pair[1]), weight > 0,
        weight <= 1e9
      else { return nil }
      sizes.append((size, weight))
    }
    let total = sizes.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    return sizes.map { pair in
      sum += pair.weight
      return Share(size: pair.size, upTo: sum / total)
    }
  }

  /// `512`, `4k`, `1m`.
  private static func bytes(_ text: Substring) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let factors = ["": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20]
    guard let number = Int(digits), let factor = factors[text.dropFirst(digits.count).lowercased()],
      number > 0, number <= largest / factor
    else { return nil }
    return number * factor
  }
}

/// The natural logarithm of a number in (0, 1]: there is no C library here. Exact to 12 digits.
private func logarithm(_ value: Double) -> Double {
  // value = significand * 2^exponent, and ln s = 2 artanh((s - 1) / (s + 1)), whose series is short for s in [1, 2).
  let root = (value.significand - 1) / (value.significand + 1)
  var power = root
  var sum = 0.0
  for odd in stride(from: 1.0, through: 23, by: 2) {
    sum += power / odd
    power *= root * root
  }
  return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
}
