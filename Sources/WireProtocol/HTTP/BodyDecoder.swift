import Bytes

/// Takes a body out of its framing, piece by piece, into one bounded array.
struct BodyDecoder {
  private enum Phase {
    case length(left: Int)
    case untilClose
    case chunks(ChunkedFraming)
    case complete
  }

  private(set) var bytes: [UInt8] = []
  private var phase: Phase
  private let limit: Int

  init(_ framing: BodyFraming, limits: HTTPLimits) {
    limit = limits.bodyBytes
    phase =
      switch framing {
      case .none: .complete
      case .length(let count): .length(left: count)
      case .chunked: .chunks(ChunkedFraming(overhead: limits.headBytes, fieldCount: limits.fieldCount))
      case .untilClose: .untilClose
      }
  }

  var isComplete: Bool {
    switch phase {
    case .complete: true
    case .length, .untilClose, .chunks: false
    }
  }

  /// Whether the connection's end is this body's end.
  var endsWithConnection: Bool {
    switch phase {
    case .untilClose, .complete: true
    case .length, .chunks: false
    }
  }

  /// Takes what belongs to the body from `start` on; returns where it stopped, which is the end of `input`
  /// unless the body is complete.
  mutating func take(_ input: Span<UInt8>, from start: Int) throws(HTTPError) -> Int {
    switch phase {
    case .complete:
      return start
    case .length(let left):
      let end = start + min(left, input.count - start)
      bytes.append(copying: input.extracting(start..<end))
      phase = end - start == left ? .complete : .length(left: left - (end - start))
      return end
    case .untilClose:
      guard input.count - start <= limit - bytes.count else { throw .bodyTooLarge }
      bytes.append(copying: input.extracting(start..<input.count))
      return input.count
    case .chunks(var framing):
      phase = .complete  // Lets go of the framing, so that a trailer grows in place.
      let end = try takeChunks(&framing, input, from: start)
      if !framing.isComplete { phase = .chunks(framing) }
      return end
    }
  }

  private mutating func takeChunks(
    _ framing: inout ChunkedFraming, _ input: Span<UInt8>, from start: Int
  ) throws(HTTPError) -> Int {
    var index = start
    while index < input.count, !framing.isComplete {
      switch try framing.next(input, from: index, room: limit - bytes.count) {
      case .overhead(let end):
        index = end
      case .content(let end):
        bytes.append(copying: input.extracting(index..<end))
        index = end
      }
    }
    return index
  }
}
