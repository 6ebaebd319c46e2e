import Bytes

/// The bytes of a head as they arrive, up to and including the blank line that ends it.
///
/// Each byte is looked at once, however small the pieces; what no head may contain is refused at that byte.
/// Complete, it holds nothing but lines of field text, each ended by CRLF, the last of them blank.
struct HeadBytes {
  private var bytes: [UInt8] = []
  private var isAfterReturn = false
  private var isLineEmpty = true
  private(set) var isComplete = false

  var isEmpty: Bool { bytes.isEmpty }

  /// What has come so far is enough to know that the method is HEAD.
  var asksForHead: Bool { bytes.starts(with: "HEAD ".utf8) }

  /// Takes what belongs to the head from `input`, beginning at `start`; returns where it stopped, which is the
  /// end of `input` unless the head is complete.
  mutating func take(_ input: Span<UInt8>, from start: Int, limit: Int) throws(HTTPError) -> Int {
    let allowed = min(input.count, start + max(0, limit - bytes.count))
    var index = start
    // What came before a byte that is refused still tells what was asked for.
    defer { bytes.append(copying: input.extracting(start..<index)) }
    while index < allowed, !isComplete {
      try look(at: input[index])
      index += 1
    }
    if !isComplete, allowed < input.count { throw .headTooLarge }
    return index
  }

  /// Hands the head over and begins the next one.
  mutating func release() -> [UInt8] {
    let head = bytes
    self = HeadBytes()
    return head
  }

  @inline(__always)
  private mutating func look(at byte: UInt8) throws(HTTPError) {
    if byte.isFieldText {
      if isAfterReturn { throw .bareCarriageReturn }
      isLineEmpty = false
    } else if byte == .carriageReturn {
      if isAfterReturn { throw .bareCarriageReturn }
      isAfterReturn = true
    } else if byte == .lineFeed {
      if !isAfterReturn { throw .bareLineFeed }
      isAfterReturn = false
      isComplete = isLineEmpty
      isLineEmpty = true
    } else {
      throw .controlByte
    }
  }
}
