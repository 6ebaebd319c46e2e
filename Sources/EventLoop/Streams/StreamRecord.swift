/// Names one stream of a table. A name outlives its stream without harm: it then names nothing.
public struct StreamID: Hashable, Sendable, BitwiseCopyable {
  public let index: UInt32
  public let generation: UInt32

  init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }

  /// As one number, for records and messages that come back to this table.
  public var number: UInt64 { UInt64(index) << 32 | UInt64(generation) }

  /// What such a number names, if it still names anything.
  public init(number: UInt64) {
    index = UInt32(truncatingIfNeeded: number >> 32)
    generation = UInt32(truncatingIfNeeded: number)
  }

  /// For an owner that keeps its own records by index beside the table's.
  @inlinable public var slot: Int { Int(index) }
}

/// What a table knows of one stream: plain data in shared pages, so that a successor can go on from it.
///
/// Positions count the bytes of the stream's life in each direction, as the kernel does. What was read and sent is
/// noted here too, but a process that is killed between the system call and the note leaves the note behind: then
/// the kernel is asked.
struct StreamRecord: BitwiseCopyable {
  enum Phase: UInt8, BitwiseCopyable {
    case free, connecting, open
    /// What was queued goes out, then our side is shut; what still comes in is dropped until the peer's end.
    case finishing, lingering
    /// Cut in the middle of what was sent: it ends before this turn does.
    case broken
  }

  var generation: UInt32
  var phase: Phase
  /// Its own answers wait unread, so nothing more is read from it.
  var isReadPaused = false
  /// The owner asked for a pause.
  var isHeld = false
  /// Not watched for input, for one of these reasons, or because there is none to come.
  var isDeaf = false
  /// The owner stopped before the end of its input, or did not listen: it is shown again, before any end.
  var hasYielded = false
  /// Among those whose kept input is shown again in the next turn.
  var isWaitingTurn = false
  /// The peer has closed its side.
  var hasEnded = false
  var wantsWrite = false

  /// Holds the bytes from `inputBase` on: those between `consumed` and `received` wait for the owner.
  var input = ExtentID.none
  /// Holds the bytes from `outputBase` on: those between `sent` and `queued` wait for the kernel.
  var output = ExtentID.none
  var inputBase: UInt64 = 0
  var consumed: UInt64 = 0
  var received: UInt64 = 0
  var outputBase: UInt64 = 0
  var sent: UInt64 = 0
  var queued: UInt64 = 0
  /// Zero: for what a later build has to know.
  var spare = InlineArray<2, UInt64>(repeating: 0)

  init(generation: UInt32, phase: Phase) {
    self.generation = generation
    self.phase = phase
  }

  /// Whether such bytes are a record at all: phase and flags, which lie behind the generation, have few values.
  static func isSound(_ bytes: Span<UInt8>) -> Bool {
    guard let phaseAt = MemoryLayout<Self>.offset(of: \.phase), Phase(rawValue: bytes[phaseAt]) != nil else {
      return false
    }
    return (phaseAt + 1..<phaseAt + 1 + flags).allSatisfy { bytes[$0] < 2 }
  }

  private static let flags = 7

  var waitingInput: Int { Int(truncatingIfNeeded: received &- consumed) }
  var inputStart: Int { Int(truncatingIfNeeded: consumed &- inputBase) }
  var waitingOutput: Int { Int(truncatingIfNeeded: queued &- sent) }
  var outputStart: Int { Int(truncatingIfNeeded: sent &- outputBase) }

  /// Flags of the process that watched the stream; its successor begins without them.
  mutating func forgetWatching() {
    isReadPaused = false
    isHeld = false
    isDeaf = false
    hasYielded = false
    isWaitingTurn = false
    hasEnded = false
    wantsWrite = false
  }
}
