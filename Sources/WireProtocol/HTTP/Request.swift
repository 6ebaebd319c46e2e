import Bytes

/// A whole request, checked and bounded.
package struct Request: Equatable, Sendable {
  package let method: Method
  package let target: Target
  package let version: HTTPVersion
  package let fields: Fields
  package internal(set) var body: [UInt8] = []
  /// Whether the connection may carry another request; a server that wants it closed sets it to false.
  package var keepAlive: Bool

  /// Reads a complete head as `HeadBytes` hands it over.
  init(head: [UInt8], limits: HTTPLimits) throws(HTTPError) {
    let bytes = head.span
    let end = bytes.firstIndex(of: .carriageReturn) ?? 0
    guard let first = bytes.firstIndex(of: .space), first < end,
      let second = bytes.firstIndex(of: .space, from: first + 1), second < end
    else { throw .requestLine }
    method = try Method(token: bytes.extracting(first: first))
    target = try Target(head: head, range: first + 1..<second)
    if target.isAsterisk, method != .options { throw .target }
    version = try HTTPVersion(token: bytes.extracting(second + 1..<end))
    fields = try Fields(head: head, from: end + 2, limit: limits.fieldCount)
    keepAlive = persists(version, fields)
    try checkHost()
    try checkExpectation()
  }

  /// How an answer to this request has to look.
  package var replyForm: ReplyForm {
    let persistence: ReplyForm.Persistence =
      if !keepAlive { .closing } else if version == .http11 { .implied } else { .stated }
    return ReplyForm(omitsBody: method == .head, persistence: persistence)
  }

  var expectsContinue: Bool { version == .http11 && fields.count(of: "Expect") > 0 }

  /// RFC 9112 §3.2. An HTTP/1.0 request may do without.
  private func checkHost() throws(HTTPError) {
    let count = fields.count(of: "Host")
    guard count == 1 || count == 0 && version == .http10 else { throw .host }
    var isSound = true
    fields.forEachValue(of: "Host") { host in
      for index in host.indices where !isHostByte(host[index]) { isSound = false }
    }
    if !isSound { throw .host }
  }

  private func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x3A, 0x5B, 0x5D, 0x28, 0x29, 0x3B, 0x3D: true  // : [ ] ( ) ; =
    case 0x23, 0x5E, 0x60, 0x7C: false  // # ^ ` |
    default: byte.isTokenLetter
    }
  }

  private func checkExpectation() throws(HTTPError) {
    guard version == .http11 else { return }
    var isKnown = true
    fields.forEachValue(of: "Expect") { isKnown = isKnown && $0.equalsIgnoringCase("100-continue") }
    if !isKnown { throw .expectation }
  }
}

/// RFC 9112 §9.3: HTTP/1.1 stays open unless told to close, HTTP/1.0 closes unless asked to stay.
func persists(_ version: HTTPVersion, _ fields: Fields) -> Bool {
  if fields.has(token: "close", in: "Connection") { return false }
  return version == .http11 || fields.has(token: "keep-alive", in: "Connection")
}
