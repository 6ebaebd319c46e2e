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
struct StreamRecord: BitwiseCopyable {
  enum Phase: UInt8, BitwiseCopyable {
    case free, connecting, open
    /// What was queued goes out, then our side is shut; what still comes in is dropped until the peer's end.
    case finishing, lingering
    /// Cut in the middle of what was sent: it ends before this turn does.
    case broken
  }

  var descriptor: Int32
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
  /// Bytes that arrived and are not consumed: the front of this extent.
  var input: ExtentID
  var inputCount: UInt32
  /// Bytes the kernel would not take yet.
  var output: ExtentID
  var outputStart: UInt32
  var outputCount: UInt32
  /// Totals of the stream's life, on its logical axis.
  var received: UInt64
  var sent: UInt64
}
