import JSONText
import RedisClient
import WireProtocol

/// Answers in JSON, as the routes about clients give them.
extension Response {
  static func json(_ text: String, _ status: HTTPStatus = .ok) -> Response {
    .typed("application/json", status, Array(text.utf8))
  }

  /// `{"detail": "…"}`: why it cannot be.
  static func problem(_ status: HTTPStatus, _ reason: String) -> Response {
    var body = JSONWriter(style: .spaced)
    body.beginObject()
    body.member("detail", reason)
    body.endObject()
    return .json(status, body.bytes)
  }

  /// Redis has not taken it.
  static func unavailable(_ error: RedisError) -> Response {
    problem(.serviceUnavailable, "\(error)").retrying(after: 2)
  }
}
