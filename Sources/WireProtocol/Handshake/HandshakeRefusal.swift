import Bytes

/// Why a client does not go on with a server's answer to its handshake (RFC 6455 §4.1).
package enum HandshakeRefusal: Error, Equatable, Sendable {
  /// Any status but 101; its number tells a full server from a missing route.
  case status(Int)
  /// 101, but not to WebSocket.
  case notWebSocket
  case missingAccept
  case wrongAccept
  case unaskedSubprotocol(String)
  case unaskedExtension(String)
  /// permessage-deflate on terms that were not offered.
  case deflateTerms(String)

  /// A sentence that is safe to print.
  package var reason: String {
    switch self {
    case .status(let code): "the server answered \(code) instead of 101"
    case .notWebSocket: "the server switched to something that is not WebSocket"
    case .missingAccept: "the server's answer has no Sec-WebSocket-Accept"
    case .wrongAccept: "the server's Sec-WebSocket-Accept does not belong to this handshake"
    case .unaskedSubprotocol(let name):
      "the server chose subprotocol \(printable(name)), which was not offered"
    case .unaskedExtension(let name): "the server chose extension \(printable(name)), which was not offered"
    case .deflateTerms(let terms): "the server compresses on other terms than offered: \(printable(terms))"
    }
  }
}
