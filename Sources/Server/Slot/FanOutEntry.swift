import EventLoop
import FleetState

/// One entry of the batch that is being told, as it stands in the slot's pages.
struct FanOutEntry: BitwiseCopyable {
  /// Where its frame ends in each rendering, counted from the beginning of that rendering.
  var ends = InlineArray<6, UInt32>(repeating: 0)
  var hasOrigin: UInt32 = 0
  var hasID: UInt32 = 0
  var origin: UInt64 = 0
  var except: UInt64 = 0
  var milliseconds: UInt64 = 0
  var sequence: UInt64 = 0
  /// Zero: for what a later build has to know (see `PageLayout`).
  var spare = InlineArray<2, UInt64>(repeating: 0)

  var id: EntryID { EntryID(milliseconds: milliseconds, sequence: sequence) }
}

/// What is true of a batch as a whole, with the place in the stream behind it.
struct FanOutBank: BitwiseCopyable {
  var milliseconds: UInt64 = 0
  var sequence: UInt64 = 0
  /// There is a place in the stream at all.
  var hasCursor: UInt32 = 0
  var entries: UInt32 = 0
  var marks: UInt32 = 0
  /// Everybody in these halls, or whoever has joined `key`; with both, whoever watches that task or every task.
  var halls: UInt32 = 0
  var key: UInt64 = 0
  /// The renderings lie one behind the other.
  var runs = InlineArray<6, UInt32>(repeating: 0)
  /// Zero: for what a later build has to know (see `PageLayout`).
  var spare = InlineArray<8, UInt64>(repeating: 0)
}

extension FanOutEntry {
  init(_ entry: Batch.Entry) {
    self.init()
    for run in 0..<Run.count { ends[run] = UInt32(entry.ends[run]) }
    hasOrigin = entry.origin == nil ? 0 : 1
    origin = entry.origin?.number ?? 0
    except = entry.except.value
    hasID = entry.id == nil ? 0 : 1
    milliseconds = entry.id?.milliseconds ?? 0
    sequence = entry.id?.sequence ?? 0
  }
}
