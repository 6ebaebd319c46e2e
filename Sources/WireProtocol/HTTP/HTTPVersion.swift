import Bytes

/// The two versions spoken here.
package enum HTTPVersion: Equatable, Sendable {
  case http10, http11

  /// `HTTP/1.1`; another pair of digits is understood, and refused as unsupported.
  init(token: Span<UInt8>) throws(HTTPError) {
    if token.equals("HTTP/1.1") {
      self = .http11
    } else if token.equals("HTTP/1.0") {
      self = .http10
    } else if token.count == 8, token.extracting(first: 5).equals("HTTP/"), token[5].decimalDigit != nil,
      token[6] == UInt8(ascii: "."), token[7].decimalDigit != nil
    {
      throw .unsupportedVersion
    } else {
      throw .version
    }
  }
}
