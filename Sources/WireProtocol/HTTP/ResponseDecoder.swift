import Bytes

/// Reads the answers a client gets over one connection. Interim answers are skipped; 101 is final, and what
/// follows it belongs to the new protocol.
package struct ResponseDecoder {
  package enum Step: Equatable {
    /// All of the input is used and the answer is not complete.
    case more(used: Int)
    case answer(Answer, used: Int)
  }

  private enum Phase {
    case head
    case body(Answer, BodyDecoder)
    case failed(HTTPError)
  }

  private static let interimLimit = 8

  private let limits: HTTPLimits
  private let method: Method
  private var head = HeadBytes()
  private var phase = Phase.head
  private var interimCount = 0

  /// `method` is that of the requests answered here: an answer to HEAD has no body, whatever it declares.
  package init(answering method: Method, limits: HTTPLimits = HTTPLimits()) {
    self.method = method
    self.limits = limits
  }

  /// After an error every further call throws the same one: close.
  package mutating func decode(_ input: Span<UInt8>) throws(HTTPError) -> Step {
    do throws(HTTPError) {
      switch phase {
      case .failed(let error):
        throw error
      case .head:
        return try decodeHead(input)
      case .body(let answer, let body):
        phase = .head  // Lets go of the body, so that it grows in place.
        return try decodeBody(of: answer, body, input, from: 0)
      }
    } catch {
      phase = .failed(error)
      throw error
    }
  }

  /// The connection has ended: the answer whose end that was, nil between two answers, or `truncated`.
  package mutating func finish() throws(HTTPError) -> Answer? {
    switch phase {
    case .failed(let error):
      throw error
    case .head:
      if head.isEmpty { return nil }
      throw .truncated
    case .body(var answer, let body):
      guard body.endsWithConnection else { throw .truncated }
      phase = .head
      answer.body = body.bytes
      answer.keepAlive = false
      return answer
    }
  }

  private mutating func decodeHead(_ input: Span<UInt8>) throws(HTTPError) -> Step {
    var index = try head.take(input, from: 0, limit: limits.headBytes)
    while head.isComplete {
      let answer = try Answer(head: head.release(), limits: limits)
      if !answer.isInterim { return try begin(answer, input, from: index) }
      interimCount += 1
      if interimCount > Self.interimLimit { throw .tooManyInterimAnswers }
      index = try head.take(input, from: index, limit: limits.headBytes)
    }
    return .more(used: index)
  }

  private mutating func begin(
    _ answer: Answer, _ input: Span<UInt8>, from index: Int
  ) throws(HTTPError) -> Step {
    interimCount = 0
    if method == .head || !answer.status.allowsBody { return .answer(answer, used: index) }
    let framing = try BodyFraming(
      ofAnswer: answer.fields, version: answer.version, limit: limits.bodyBytes)
    return try decodeBody(of: answer, BodyDecoder(framing, limits: limits), input, from: index)
  }

  private mutating func decodeBody(
    of answer: consuming Answer, _ body: consuming BodyDecoder, _ input: Span<UInt8>, from start: Int
  ) throws(HTTPError) -> Step {
    let index = try body.take(input, from: start)
    guard body.isComplete else {
      phase = .body(answer, body)
      return .more(used: index)
    }
    answer.body = body.bytes
    return .answer(answer, used: index)
  }
}
