/// The change of one stream that is under way, noted in the pages before it begins: a process that is killed in the
/// middle of it leaves either the stream as it was, or all that is needed to finish.
///
///     idle      → the records in place are the truth
///     changing  → the copies here are the truth: nothing of the change has left the process
///     leaving   → the copies here are the truth, and `bytes` follow what the stream had queued
struct StreamJournal: BitwiseCopyable {
  enum State: UInt64 {
    case idle, changing, leaving
  }

  var index: UInt32 = 0
  /// Where in the pages the bytes lie that leave.
  var place: UInt64 = 0
  var count: UInt64 = 0
  var record = StreamRecord(generation: 0, phase: .free)
}

/// Where a table's parts lie in its pages, and how big it all is.
///
///     head: magic, layout, journal state, high-water marks, the owner's commons · undo bank · redo bank
///     records · the owner's record of each stream · the answer's window · the owner's room · extents
package struct StreamLayout: Sendable {
  static let magic: UInt64 = 0x5355_4943_454C_0001
  /// Bumped when a place changes, or the meaning of what stands there: a process reads no pages of another layout. What
  /// takes its room from `spare` changes neither.
  static let version: UInt64 = 2

  static let signatureAt = 512
  static let stateAt = 16
  static let untouchedAt = 24
  static let extentMarksAt = 32
  static let commonsAt = 1024
  /// What a change began with, and what has become of it: two banks, for one is needed until the other is whole.
  static let undoAt = 4096
  static let redoAt = 8192
  static let headBytes = 12_288
  static let companionInBank = 256
  static let commonsInBank = 2048
  static let longestCompanion = commonsInBank - companionInBank
  static let longestCommons = 1024

  let streams: Int
  let companionBytes: Int
  let commonsBytes: Int
  let recordsAt: Int
  let companionsAt: Int
  let answerAt: Int
  /// For whatever the owner keeps there.
  package let roomAt: Int
  let extentsAt: Int
  package let byteCount: Int

  package init(_ limits: StreamLimits) {
    precondition(limits.companionBytes <= Self.longestCompanion, "an owner's record is too long to be copied")
    precondition(limits.commonsBytes <= Self.longestCommons, "what an owner's records share is too long")
    streams = limits.streams
    companionBytes = limits.companionBytes
    commonsBytes = limits.commonsBytes
    recordsAt = Self.headBytes
    companionsAt = recordsAt + Self.pages(limits.streams * MemoryLayout<StreamRecord>.stride)
    answerAt = companionsAt + Self.pages(limits.streams * limits.companionBytes)
    roomAt = answerAt + Self.answerBytes
    extentsAt = roomAt + Self.pages(limits.roomBytes)
    byteCount = extentsAt + Extents.addressSpace(limit: min(limits.memory, Self.extentBytes))
  }

  /// Room for the longest answer: what may wait, and what the kernel takes at once. Address space alone.
  static let answerBytes = 80 << 20
  package static let longestOutput = 64 << 20
  static let extentBytes = 1 << 30

  private static func pages(_ bytes: Int) -> Int { (bytes + 4095) & ~4095 }

  // MARK: Between builds

  private var signature: [UInt64] {
    [
      Self.magic, Self.version, UInt64(companionBytes), UInt64(commonsBytes), UInt64(answerAt),
      UInt64(extentsAt), UInt64(MemoryLayout<StreamRecord>.stride), UInt64(byteCount),
    ]
  }

  /// Says in fresh pages how they are laid out.
  package func sign(_ pages: SharedPages) {
    let words = pages.array(of: UInt64.self, at: Self.signatureAt, count: signature.count)
    for (index, word) in signature.enumerated() { words[index] = word }
  }

  /// Whether pages that another process has made, perhaps one of another build, are laid out as this build would.
  package func fits(_ pages: SharedPages) -> Bool {
    if pages.byteCount != byteCount { return false }
    let words = pages.array(of: UInt64.self, at: Self.signatureAt, count: signature.count)
    return signature.enumerated().allSatisfy { words[$0.offset] == $0.element }
  }
}
