package import Bytes

/// A request to be sent. Its text may come from a command line or a setting: what would end the line early is
/// percent-encoded in the target and left out of the host.
package struct ClientRequest: Equatable, Sendable {
  package var method: Method
  /// `host` or `host:port`, an IPv6 address in brackets.
  package var host: String
  /// Path and query.
  package var path: String
  package var fields: [HeaderField]
  package var body: [UInt8]

  package init(_ method: Method, host: String, path: String, fields: [HeaderField] = [], body: [UInt8] = []) {
    self.method = method
    self.host = host
    self.path = path
    self.fields = fields
    self.body = body
  }

  package func render(into out: inout ByteBuffer) {
    for byte in method.name.utf8 where byte.isTokenLetter { out.append(byte) }
    out.append(" ")
    renderPath(into: &out)
    out.append(" HTTP/1.1\r\nHost: ")
    for byte in host.utf8 where byte.isVisible { out.append(byte) }
    out.append("\r\n")
    for field in fields { field.render(into: &out) }
    if !body.isEmpty || method == .post || method == .put || method == .patch {
      out.append("Content-Length: ")
      out.append(decimal: body.count)
      out.append("\r\n")
    }
    out.append("\r\n")
    out.append(body.span)
  }

  private func renderPath(into out: inout ByteBuffer) {
    if path.utf8.first != UInt8(ascii: "/"), path != "*" { out.append("/") }
    for byte in path.utf8 {
      if byte.isVisible, byte != UInt8(ascii: "#") {
        out.append(byte)
      } else {
        out.append("%")
        out.append(hexLetter(byte >> 4))
        out.append(hexLetter(byte & 15))
      }
    }
  }

  private func hexLetter(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
  }
}
