import Bytes

/// What a request wants done. `other` holds any token this house gives no meaning to.
package enum Method: Equatable, Sendable {
  case get, head, post, put, delete, patch, options
  case other(String)

  /// Case matters: `get` is another method than `GET` (RFC 9110 §9.1).
  init(token: Span<UInt8>) throws(HTTPError) {
    guard token.isToken else { throw .method }
    self =
      if token.equals("GET") {
        .get
      } else if token.equals("POST") {
        .post
      } else if token.equals("PUT") {
        .put
      } else if token.equals("DELETE") {
        .delete
      } else if token.equals("HEAD") {
        .head
      } else if token.equals("PATCH") {
        .patch
      } else if token.equals("OPTIONS") {
        .options
      } else {
        .other(token.text)
      }
  }

  package var name: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .patch: "PATCH"
    case .options: "OPTIONS"
    case .other(let token): token
    }
  }
}
