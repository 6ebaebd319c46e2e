import JSONText

/// What the server says in `sluice.v1` by itself; messages of others are rendered where they are told (CONTRACT 3).
package enum SluiceWord: Equatable, Sendable {
  package struct Welcome: Equatable, Sendable {
    package var session: String
    package var token: String?
    package var epoch: String
    package var offset: EntryID
    package var heartbeatMilliseconds: Int64

    package init(
      session: String, token: String?, epoch: String, offset: EntryID, heartbeatMilliseconds: Int64
    ) {
      self.session = session
      self.token = token
      self.epoch = epoch
      self.offset = offset
      self.heartbeatMilliseconds = heartbeatMilliseconds
    }
  }

  /// Entries that are gone: the first and the last that may be missing.
  package struct Lost: Equatable, Sendable {
    package var from: EntryID
    package var to: EntryID

    package init(from: EntryID, to: EntryID) {
      self.from = from
      self.to = to
    }
  }

  case welcome(Welcome)
  /// `id` is JSON text, as the client sent it. `value` as well, where one was asked for.
  case ack(id: String, offset: EntryID?, value: String?)
  case error(id: String?, code: String, message: String, retryAfterSeconds: Int?)
  /// `token`: for the next time; those of before grow old.
  case resumed(replayed: Int, lost: Lost?, token: String?)
  case reconnect(inMilliseconds: Int64, token: String?, reason: String)
  case pong(id: String?)
  /// To come back with, in place of the one before, which grows old.
  case token(String)

  package var text: String {
    var writer = JSONWriter()
    writer.beginObject()
    switch self {
    case .welcome(let welcome): Self.write(welcome, to: &writer)
    case .ack(let id, let offset, let value):
      writer.member("type", "ack")
      writer.name("id")
      writer.raw(id.utf8.span)
      if let offset { writer.member("offset", offset.description) }
      if let value {
        writer.name("value")
        writer.raw(value.utf8.span)
      }
    case .error(let id, let code, let message, let retryAfter):
      writer.member("type", "error")
      if let id {
        writer.name("id")
        writer.raw(id.utf8.span)
      }
      writer.member("code", code)
      writer.member("message", message)
      if let retryAfter { writer.member("retry_after", retryAfter) }
    case .resumed(let replayed, let lost, let token):
      writer.member("type", "resumed")
      writer.name("recovered")
      writer.bool(lost == nil)
      writer.member("replayed", replayed)
      if let lost { Self.write(lost, to: &writer) }
      if let token { writer.member("token", token) }
    case .reconnect(let milliseconds, let token, let reason):
      writer.member("type", "reconnect")
      writer.member("in_ms", milliseconds)
      if let token { writer.member("token", token) }
      writer.member("reason", reason)
    case .pong(let id):
      writer.member("type", "pong")
      if let id {
        writer.name("id")
        writer.raw(id.utf8.span)
      }
    case .token(let token):
      writer.member("type", "token")
      writer.member("token", token)
    }
    writer.endObject()
    return writer.text
  }

  private static func write(_ welcome: Welcome, to writer: inout JSONWriter) {
    writer.member("type", "welcome")
    writer.member("session", welcome.session)
    writer.name("token")
    if let token = welcome.token { writer.string(token) } else { writer.null() }
    writer.member("epoch", welcome.epoch)
    writer.member("offset", welcome.offset.description)
    writer.member("heartbeat_ms", welcome.heartbeatMilliseconds)
    writer.name("recovered")
    writer.bool(false)
  }

  private static func write(_ lost: Lost, to writer: inout JSONWriter) {
    writer.name("lost")
    writer.beginObject()
    writer.member("from", lost.from.description)
    writer.member("to", lost.to.description)
    writer.endObject()
  }
}
