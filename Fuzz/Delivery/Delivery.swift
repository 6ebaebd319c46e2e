/// What the fuzzer gave, as a connection would deliver it: in pieces. The first byte chooses, the second cuts.
public struct Delivery {
  /// Bits that choose a role, a limit, an option.
  public let choice: UInt8
  public let bytes: [UInt8]
  /// Where each piece ends, rising; the last one is the end of it all.
  public let ends: [Int]

  public init?(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    guard let start = unsafe start, count > 2 else { return nil }
    // SAFETY: libFuzzer lends `count` bytes for the length of the call, and they are copied within it.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    choice = input[0]
    bytes = Array(input[2...])
    ends = Delivery.ends(seed: input[1], count: bytes.count)
  }

  /// Half of the seeds cut into single bytes at first, the others anywhere.
  private static func ends(seed: UInt8, count: Int) -> [Int] {
    var state = UInt64(seed) &+ 1
    var ends: [Int] = []
    var end = 0
    while end < count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let step = Int(state >> 33) % (seed % 2 == 0 && end < 64 ? 1 : 100) + 1
      end = min(count, end + step)
      ends.append(end)
    }
    return ends
  }
}

/// The promise that is examined. A trap is what libFuzzer keeps the input for.
public func promise(_ kept: Bool, _ sentence: StaticString) {
  if !kept { fatalError("broken promise: \(sentence)") }
}
