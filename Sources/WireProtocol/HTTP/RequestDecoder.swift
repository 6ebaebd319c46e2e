import Bytes

/// Reads the requests of one connection as their bytes arrive.
///
/// It takes from the front and keeps its own progress, so no byte is looked at twice however small the pieces.
/// What follows a request stays with the caller: it is the next request, or a WebSocket's first frames.
package struct RequestDecoder {
  package enum Step: Equatable {
    /// All of the input is used and the request is not complete.
    case more(used: Int)
    /// The peer waits for `100 Continue` before it sends the body. Said once; then decode the rest.
    case expectsContinue(used: Int)
    case request(Request, used: Int)
  }

  private enum Phase {
    case head
    case body(Request, BodyDecoder)
    case failed(HTTPError)
  }

  private let limits: HTTPLimits
  private var head = HeadBytes()
  private var phase = Phase.head
  private var hasSkippedBlankLine = false
  /// Of the request whose head is behind us.
  private var isForHead = false

  package init(limits: HTTPLimits = HTTPLimits()) {
    self.limits = limits
  }

  /// Whether part of a request has arrived: an idle connection may be closed without an answer.
  package var isInsideRequest: Bool {
    switch phase {
    case .head: !head.isEmpty
    case .body: true
    case .failed: false
    }
  }

  /// How a refusal of the request under way has to look: HEAD is answered without a body even then.
  package var refusalForm: ReplyForm {
    ReplyForm(omitsBody: isForHead || head.asksForHead, persistence: .closing)
  }

  /// After an error every further call throws the same one: answer with its `response` and close.
  package mutating func decode(_ input: Span<UInt8>) throws(HTTPError) -> Step {
    do throws(HTTPError) {
      switch phase {
      case .failed(let error):
        throw error
      case .head:
        return try decodeHead(input)
      case .body(let request, let body):
        phase = .head  // Lets go of the body, so that it grows in place.
        return try decodeBody(of: request, body, input, from: 0)
      }
    } catch {
      phase = .failed(error)
      throw error
    }
  }

  private mutating func decodeHead(_ input: Span<UInt8>) throws(HTTPError) -> Step {
    if head.isEmpty { isForHead = false }
    var index = try head.take(input, from: 0, limit: limits.headBytes)
    while head.isComplete {
      isForHead = head.asksForHead
      let bytes = head.release()
      if bytes.count > 2 {
        hasSkippedBlankLine = false
        return try begin(Request(head: bytes, limits: limits), input, from: index)
      }
      // Old clients end a body with one CRLF too many (RFC 9112 §2.2).
      if hasSkippedBlankLine { throw .blankLines }
      hasSkippedBlankLine = true
      index = try head.take(input, from: index, limit: limits.headBytes)
    }
    return .more(used: index)
  }

  private mutating func begin(
    _ request: Request, _ input: Span<UInt8>, from index: Int
  ) throws(HTTPError) -> Step {
    let framing = try BodyFraming(
      ofRequest: request.fields, version: request.version, limit: limits.bodyBytes)
    if framing == .none { return .request(request, used: index) }
    let body = BodyDecoder(framing, limits: limits)
    if request.expectsContinue {
      phase = .body(request, body)
      return .expectsContinue(used: index)
    }
    return try decodeBody(of: request, body, input, from: index)
  }

  private mutating func decodeBody(
    of request: consuming Request, _ body: consuming BodyDecoder, _ input: Span<UInt8>, from start: Int
  ) throws(HTTPError) -> Step {
    let index = try body.take(input, from: start)
    guard body.isComplete else {
      phase = .body(request, body)
      return .more(used: index)
    }
    request.body = body.bytes
    return .request(request, used: index)
  }
}
