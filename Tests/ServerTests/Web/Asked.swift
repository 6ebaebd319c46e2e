import WireProtocol

/// A request as the wire brings it: `asked("GET /", "Accept: text/html")`.
func asked(_ line: String, _ fields: String..., body: String = "") throws -> Request {
  let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
  let lines = ["\(line) HTTP/1.1", "Host: a:8000"] + fields + length
  var decoder = RequestDecoder()
  let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
  guard case .request(let request, _) = try decoder.decode(bytes.span) else { throw NoRequest() }
  return request
}

struct NoRequest: Error {}
