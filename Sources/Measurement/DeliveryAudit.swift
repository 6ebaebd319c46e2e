/// One socket's books: what was sent, what came back, once, in order, or not. Plain data, 48 bytes.
///
/// `next` is the oldest message whose answer is missing; of the 64 from it on, `ahead` knows which have come. What
/// lets 64 others pass is counted as lost, and found again (`late`) if it comes before 128 have been settled behind
/// it. After that nobody remembers whether it had come, and it counts as a duplicate: so duplicates are exact
/// unless the same socket has lost something, and a run that lost something has failed anyway.
///
/// Always, for who began at 0: sent = received + lost + outstanding.
public struct DeliveryAudit: Equatable, Sendable, BitwiseCopyable {
  public enum Judgement: Equatable, Sendable {
    case inOrder
    /// Later ones came first.
    case reordered
    case duplicate
    /// Was counted as lost already.
    case late
    /// Nobody sent that yet.
    case unknown
  }

  public private(set) var sent: UInt32 = 0
  public private(set) var received: UInt32 = 0
  public private(set) var lost: UInt32 = 0
  public private(set) var duplicated: UInt32 = 0
  public private(set) var reordered: UInt32 = 0
  private var next: UInt32 = 0
  private var ahead: UInt64 = 0
  private var lostBits: UInt128 = 0

  public init() {}

  public var outstanding: UInt32 { sent &- next &- UInt32(ahead.nonzeroBitCount) }

  /// The number of the next message.
  public mutating func send() -> UInt32 {
    defer { sent &+= 1 }
    return sent
  }

  /// For who hears what others say: it counts from message `number` on.
  public mutating func begin(at number: UInt32) {
    sent = number
    next = number
  }

  /// Others have said everything before message `number`.
  public mutating func expect(before number: UInt32) { sent = max(sent, number) }

  public mutating func receive(_ sequence: UInt32) -> Judgement {
    if sequence >= sent { return .unknown }
    if sequence < next { return receiveOld(sequence) }
    while sequence - next >= 64 { giveUpOldest() }
    let bit: UInt64 = 1 << UInt64(sequence - next)
    if ahead & bit != 0 {
      duplicated &+= 1
      return .duplicate
    }
    let comesAfterLater = ahead >> UInt64(sequence - next) != 0
    ahead |= bit
    received &+= 1
    while ahead & 1 != 0 { step(lost: false) }
    if comesAfterLater {
      reordered &+= 1
      return .reordered
    }
    return .inOrder
  }

  /// Each message whose answer is missing, before `end`.
  public func forEachMissing(before end: UInt32 = .max, _ body: (UInt32) -> Void) {
    var number = next
    while number < min(end, sent) {
      if isMissing(number) { body(number) }
      number += 1
    }
  }

  /// It was sent, its answer has not come, and is still waited for.
  public func isMissing(_ sequence: UInt32) -> Bool {
    guard sequence < sent, sequence >= next else { return false }
    let place = sequence - next
    return place >= 64 || ahead & 1 << UInt64(place) == 0
  }

  /// The first message that is not given up when `sequence` comes; nil when that gives up none.
  @inline(__always)
  public func givesUp(before sequence: UInt32) -> UInt32? {
    sequence < sent && sequence >= next && sequence - next >= 64 ? sequence - 63 : nil
  }

  /// The connection is gone, or the run is over: what is missing will not come.
  public mutating func settle() {
    lost &+= outstanding
    next = sent
    ahead = 0
    lostBits = 0
  }

  private mutating func receiveOld(_ sequence: UInt32) -> Judgement {
    let age = next - sequence
    if age <= 128, lostBits & (1 << UInt128(age - 1)) != 0 {
      lostBits &= ~(1 << UInt128(age - 1))
      lost &-= 1
      received &+= 1
      reordered &+= 1
      return .late
    }
    duplicated &+= 1
    return .duplicate
  }

  private mutating func giveUpOldest() {
    let isMissing = ahead & 1 == 0
    if isMissing { lost &+= 1 }
    step(lost: isMissing)
  }

  private mutating func step(lost isLost: Bool) {
    ahead >>= 1
    next &+= 1
    lostBits = lostBits << 1 | (isLost ? 1 : 0)
  }
}
