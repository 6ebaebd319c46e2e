/// Why a peer's HTTP is refused. The connection ends with it: behind a malformed message nobody knows where
/// the next one starts, and guessing is how requests are smuggled.
package enum HTTPError: Error, Equatable, CaseIterable, Sendable {
  case controlByte, bareLineFeed, bareCarriageReturn, blankLines
  case requestLine, method, target, percentEncoding, version, unsupportedVersion
  case fieldName, foldedField, host
  case contentLength, ambiguousLength, transferCoding, chunk, trailer
  case headTooLarge, tooManyFields, bodyTooLarge, expectation
  // Only a client meets these three.
  case statusLine, tooManyInterimAnswers, truncated

  /// What a server answers before it closes.
  package var status: HTTPStatus {
    switch self {
    case .unsupportedVersion: .httpVersionNotSupported
    case .headTooLarge, .tooManyFields: .requestHeaderFieldsTooLarge
    case .bodyTooLarge: .contentTooLarge
    case .expectation: .expectationFailed
    case .controlByte, .bareLineFeed, .bareCarriageReturn, .blankLines, .requestLine, .method, .target,
      .percentEncoding, .version, .fieldName, .foldedField, .host, .contentLength, .ambiguousLength,
      .transferCoding, .chunk, .trailer, .statusLine, .tooManyInterimAnswers, .truncated:
      .badRequest
    }
  }

  package var reason: String {
    switch self {
    case .controlByte: "a control byte in the head"
    case .bareLineFeed: "a line feed without a carriage return"
    case .bareCarriageReturn: "a carriage return without a line feed"
    case .blankLines: "blank lines instead of a request"
    case .requestLine: "the first line is not METHOD TARGET VERSION"
    case .method: "the method is not a token"
    case .target: "the target is no path, no absolute URL and not the * of OPTIONS"
    case .percentEncoding: "the target's percent encoding is broken or is not UTF-8"
    case .version: "the version is not HTTP/digit.digit"
    case .unsupportedVersion: "only HTTP/1.1 and HTTP/1.0 are spoken here"
    case .fieldName: "a field line without NAME and colon"
    case .foldedField: "a folded field line"
    case .host: "HTTP/1.1 needs exactly one valid Host"
    case .contentLength: "Content-Length is not one decimal number"
    case .ambiguousLength: "both Content-Length and Transfer-Encoding"
    case .transferCoding: "the only transfer coding is one chunked, in HTTP/1.1"
    case .chunk: "a malformed chunk"
    case .trailer: "a malformed trailer"
    case .headTooLarge: "the head is too large"
    case .tooManyFields: "the head has too many fields"
    case .bodyTooLarge: "the body is too large"
    case .expectation: "the only expectation is 100-continue"
    case .statusLine: "the first line is not VERSION STATUS REASON"
    case .tooManyInterimAnswers: "too many interim answers before the final one"
    case .truncated: "the connection ended inside a message"
    }
  }

  package var response: Response { .text(status, reason + "\n") }
}
