/// A whole HTTP answer.
struct Reply {
  let status: Int
  let fields: [String: String]
  let body: String

  static func ask(
    port: UInt16, _ method: String, _ path: String, body: String = "", fields: [String] = []
  ) throws -> Reply {
    let wire = try Wire(port: port)
    let lines =
      [
        "\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Content-Length: \(body.utf8.count)",
        "Connection: close",
      ]
      + fields
    try wire.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    return try read(from: wire, "\(method) \(path)")
  }

  static func read(from wire: Wire, _ what: String) throws -> Reply {
    try wire.take(within: 10, "the answer to \(what)") { bytes in
      guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
      let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
      let status = Int(head[0].split(separator: " ")[1]) ?? 0
      var fields: [String: String] = [:]
      for line in head.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        fields[parts[0].lowercased()] = parts[1].trimmed
      }
      let length = status == 101 ? 0 : Int(fields["content-length"] ?? "0") ?? 0
      guard bytes.count >= end.upperBound + length else { return nil }
      let body = String(decoding: bytes[end.upperBound..<end.upperBound + length], as: UTF8.self)
      return (Reply(status: status, fields: fields, body: body), end.upperBound + length)
    }
  }
}

extension Substring {
  var trimmed: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
