import Bytes

/// The chunked coding (RFC 9112 §7.1): tells content from what frames it. Extensions and trailers are read,
/// bounded and thrown away.
struct ChunkedFraming {
  /// What the bytes up to `end` are.
  enum Piece {
    case overhead(end: Int)
    case content(end: Int)
  }

  private enum Phase {
    case size(value: UInt64, digits: Int)
    case `extension`(size: Int)
    case sizeFeed(size: Int)
    case content(left: Int)
    case contentReturn
    case contentFeed
    case trailer(HeadBytes)
    case complete
  }

  private var phase = Phase.size(value: 0, digits: 0)
  /// Bytes that extensions and trailers may still cost, over the whole body.
  private var overhead: Int
  private let fieldCount: Int

  init(overhead: Int, fieldCount: Int) {
    self.overhead = overhead
    self.fieldCount = fieldCount
  }

  var isComplete: Bool {
    if case .complete = phase { true } else { false }
  }

  /// Reads on at `index`, a place inside `input`. `room` is how much more content may come.
  mutating func next(_ input: Span<UInt8>, from index: Int, room: Int) throws(HTTPError) -> Piece {
    let byte = input[index]
    switch phase {
    case .size(let value, let digits):
      phase = try Self.afterSize(value: value, digits: digits, byte: byte, room: room)
    case .extension(let size):
      if byte == .carriageReturn {
        phase = .sizeFeed(size: size)
      } else {
        guard byte.isFieldText else { throw .chunk }
        guard overhead > 0 else { throw .headTooLarge }
        overhead -= 1
      }
    case .sizeFeed(let size):
      guard byte == .lineFeed else { throw .chunk }
      phase = size > 0 ? .content(left: size) : .trailer(HeadBytes())
    case .content(let left):
      let end = index + min(left, input.count - index)
      phase = end - index == left ? .contentReturn : .content(left: left - (end - index))
      return .content(end: end)
    case .contentReturn:
      guard byte == .carriageReturn else { throw .chunk }
      phase = .contentFeed
    case .contentFeed:
      guard byte == .lineFeed else { throw .chunk }
      phase = .size(value: 0, digits: 0)
    case .trailer(var lines):
      phase = .complete  // Lets go of the lines, so that they grow in place.
      let end = try lines.take(input, from: index, limit: overhead + 2)
      if lines.isComplete {
        try checkTrailer(lines.release())
      } else {
        phase = .trailer(lines)
      }
      return .overhead(end: end)
    case .complete:
      return .overhead(end: index)
    }
    return .overhead(end: index + 1)
  }

  private static func afterSize(
    value: UInt64, digits: Int, byte: UInt8, room: Int
  ) throws(HTTPError) -> Phase {
    if let digit = byte.hexDigit {
      // Sixteen digits are as many as fit; leading zeros count, or they would never end.
      guard digits < 16 else { throw .chunk }
      let value = value << 4 | UInt64(digit)
      guard value <= UInt64(room) else { throw .bodyTooLarge }
      return .size(value: value, digits: digits + 1)
    }
    guard digits > 0 else { throw .chunk }
    if byte == .carriageReturn { return .sizeFeed(size: Int(value)) }
    guard byte == UInt8(ascii: ";") else { throw .chunk }
    return .extension(size: Int(value))
  }

  private func checkTrailer(_ lines: [UInt8]) throws(HTTPError) {
    do throws(HTTPError) {
      _ = try Fields(head: lines, from: 0, limit: fieldCount)
    } catch {
      throw error == .tooManyFields ? error : .trailer
    }
  }
}
