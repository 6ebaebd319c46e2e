import Bytes

/// How a head says its body ends (RFC 9112 §6.3). Where the RFC leaves a choice we refuse: two readers of one
/// ambiguous message are how a request is smuggled past the first of them.
enum BodyFraming: Equatable {
  case none
  case length(Int)
  case chunked
  /// Only an answer may end with its connection.
  case untilClose

  init(ofRequest fields: Fields, version: HTTPVersion, limit: Int) throws(HTTPError) {
    self = try BodyFraming.declared(by: fields, version: version, limit: limit) ?? .none
  }

  init(ofAnswer fields: Fields, version: HTTPVersion, limit: Int) throws(HTTPError) {
    self = try BodyFraming.declared(by: fields, version: version, limit: limit) ?? .untilClose
  }

  private static func declared(
    by fields: Fields, version: HTTPVersion, limit: Int
  ) throws(HTTPError) -> BodyFraming? {
    let codings = fields.count(of: "Transfer-Encoding")
    let lengths = fields.count(of: "Content-Length")
    if codings == 0, lengths == 0 { return nil }
    if codings > 0, lengths > 0 { throw .ambiguousLength }
    if codings > 0 {
      guard codings == 1, version == .http11 else { throw .transferCoding }
      var isChunked = false
      fields.forEachValue(of: "Transfer-Encoding") { isChunked = $0.equalsIgnoringCase("chunked") }
      if !isChunked { throw .transferCoding }
      return .chunked
    }
    guard lengths == 1 else { throw .contentLength }
    var length: UInt64?
    fields.forEachValue(of: "Content-Length") { length = decimal($0) }
    guard let length else { throw .contentLength }
    guard length <= UInt64(limit) else { throw .bodyTooLarge }
    return length == 0 ? BodyFraming.none : .length(Int(length))
  }

  /// Digits and nothing else: no sign, no blank, no list. More than fit count as the largest number there is.
  private static func decimal(_ text: Span<UInt8>) -> UInt64? {
    if text.isEmpty { return nil }
    var value: UInt64 = 0
    for index in text.indices {
      guard let digit = text[index].decimalDigit else { return nil }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
      value = overflow || carry ? .max : sum
    }
    return value
  }
}
