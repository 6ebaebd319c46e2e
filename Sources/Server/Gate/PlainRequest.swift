/// A client that speaks HTTP where TLS is spoken: most often a wrong address typed by hand.
enum PlainRequest {
  /// TLS begins with the byte 22, a method of HTTP with a capital letter.
  static func isOne(_ bytes: Span<UInt8>) -> Bool { bytes.count > 0 && (0x41...0x5A).contains(bytes[0]) }

  static let answer: StaticString = """
    HTTP/1.1 400 Bad Request\r
    Content-Type: text/plain; charset=utf-8\r
    Content-Length: 45\r
    Connection: close\r
    \r
    This port speaks TLS: try https:// or wss://\n
    """
}
