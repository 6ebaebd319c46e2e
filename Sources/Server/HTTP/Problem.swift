import FleetState
import JSONText
import RedisClient
import WireProtocol

/// Answers in JSON, as every route gives them that is not of an older project.
extension Response {
  static func json(_ text: String, _ status: HTTPStatus = .ok) -> Response {
    .typed("application/json", status, Array(text.utf8))
  }

  /// `{"detail": "…"}`: why it cannot be, and which command it was if it has become one.
  static func problem(_ status: HTTPStatus, _ reason: String, command: Name? = nil) -> Response {
    var body = JSONWriter(style: .spaced)
    body.beginObject()
    body.member("detail", reason)
    if let command { body.member("command", command.text) }
    body.endObject()
    return .json(status, body.bytes)
  }

  /// Redis has not taken it.
  static func unavailable(_ error: RedisError) -> Response {
    problem(.serviceUnavailable, "\(error)").retrying(after: 2)
  }
}
