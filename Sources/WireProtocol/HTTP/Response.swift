package import Bytes

/// What a request made of the shape of its answer: small enough to keep until the answer is known.
package struct ReplyForm: Equatable, Sendable, BitwiseCopyable {
  package enum Persistence: Equatable, Sendable, BitwiseCopyable {
    /// `Connection: close`: this is the last answer.
    case closing
    /// HTTP/1.1 stays open without a word.
    case implied
    /// HTTP/1.0 wants to read `Connection: keep-alive`.
    case stated
  }

  package var omitsBody: Bool
  package var persistence: Persistence

  package init(omitsBody: Bool = false, persistence: Persistence) {
    self.omitsBody = omitsBody
    self.persistence = persistence
  }

  /// The form of an answer after which the connection is closed.
  package static let last = ReplyForm(persistence: .closing)
}

/// An answer to be sent. `render` writes its length and whether the connection stays; no field repeats that.
package struct Response: Equatable, Sendable {
  package var status: HTTPStatus
  package var fields: [HeaderField]
  package var body: [UInt8]

  package init(_ status: HTTPStatus, fields: [HeaderField] = [], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  package static func text(_ status: HTTPStatus, _ text: String) -> Response {
    typed("text/plain; charset=utf-8", status, Array(text.utf8))
  }

  package static func json(_ status: HTTPStatus, _ json: Span<UInt8>) -> Response {
    typed("application/json", status, json.copied())
  }

  package static func typed(_ type: String, _ status: HTTPStatus, _ body: [UInt8]) -> Response {
    Response(status, fields: [HeaderField("Content-Type", type)], body: body)
  }

  /// The same answer, telling the client to come again in `seconds`.
  package consuming func retrying(after seconds: Int) -> Response {
    fields.append(HeaderField("Retry-After", String(seconds)))
    return self
  }

  package func render(into out: inout ByteBuffer, as form: ReplyForm) {
    out.reserve(256 + body.count)
    out.append("HTTP/1.1 ")
    out.append(decimal: status.code)
    out.append(" ")
    out.append(status.phrase)
    out.append("\r\n")
    for field in fields { field.render(into: &out) }
    if status.allowsBody {
      out.append("Content-Length: ")
      out.append(decimal: body.count)
      out.append("\r\n")
    }
    switch form.persistence {
    case .closing: out.append("Connection: close\r\n")
    case .implied: break
    case .stated: out.append("Connection: keep-alive\r\n")
    }
    out.append("\r\n")
    if status.allowsBody, !form.omitsBody { out.append(body.span) }
  }
}
