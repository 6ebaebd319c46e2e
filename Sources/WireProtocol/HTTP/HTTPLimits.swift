/// How much of a stranger's HTTP is held before it is refused.
package struct HTTPLimits: Equatable, Sendable {
  /// Bytes of one head, start line and blank line included; a chunked body may spend as many again on
  /// chunk extensions and trailers. At the limit: 431.
  package var headBytes: Int
  /// Field lines of one head. At the limit: 431.
  package var fieldCount: Int
  /// Bytes of one body after its framing is taken off. At the limit: 413.
  package var bodyBytes: Int

  package init(headBytes: Int = 8 << 10, fieldCount: Int = 64, bodyBytes: Int = 1 << 20) {
    self.headBytes = headBytes
    self.fieldCount = fieldCount
    self.bodyBytes = bodyBytes
  }
}
