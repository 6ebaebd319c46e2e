import Bytes

/// A whole answer from a server, as a client got it.
package struct Answer: Equatable, Sendable {
  package let status: HTTPStatus
  package let version: HTTPVersion
  package let fields: Fields
  package internal(set) var body: [UInt8] = []
  /// Whether the connection may carry another request.
  package internal(set) var keepAlive: Bool

  /// Reads a complete head as `HeadBytes` hands it over: `HTTP/1.1 200 OK`, the phrase optional.
  init(head: [UInt8], limits: HTTPLimits) throws(HTTPError) {
    let bytes = head.span
    let end = bytes.firstIndex(of: .carriageReturn) ?? 0
    guard end >= 12, bytes[8] == .space, end == 12 || bytes[12] == .space else { throw .statusLine }
    version = try HTTPVersion(token: bytes.extracting(first: 8))
    var code = 0
    for index in 9..<12 {
      guard let digit = bytes[index].decimalDigit else { throw .statusLine }
      code = code * 10 + Int(digit)
    }
    guard code >= 100 else { throw .statusLine }
    status = HTTPStatus(code)
    fields = try Fields(head: head, from: end + 2, limit: limits.fieldCount)
    keepAlive = persists(version, fields)
  }

  /// 100 to 199 announce the answer; only 101 is one.
  var isInterim: Bool { status.code < 200 && status != .switchingProtocols }
}
