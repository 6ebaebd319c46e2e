import CHiredis

/// hiredis' protocol reader: bytes in pieces of any size in, whole replies out.
@safe
package struct ReplyReader: ~Copyable {
  package enum Failure: Error, Equatable, Sendable {
    /// Not RESP. The connection is of no more use.
    case malformed
    /// A reply with more parts or bytes than anything we ask for.
    case tooLarge
  }

  // SAFETY: owned by this value alone (~Copyable), made in `init`, freed in `deinit`, never handed out.
  private let reader: OpaquePointer

  package init(maxNodes: Int = 1 << 20, maxBytes: Int = 256 << 20) {
    guard let reader = unsafe chiredis_create(maxNodes, maxBytes) else {
      // TRAP: no memory for a hundred bytes, and nothing can be served without it.
      preconditionFailure("no memory for a Redis reader")
    }
    unsafe self.reader = reader
  }

  deinit { unsafe chiredis_free(reader) }

  package mutating func feed(_ bytes: Span<UInt8>) throws(Failure) {
    // SAFETY: hiredis copies the bytes before the call returns.
    let outcome = unsafe bytes.withUnsafeBufferPointer {
      unsafe chiredis_feed(reader, $0.baseAddress, $0.count)
    }
    try Self.check(outcome)
  }

  /// Shows the next whole reply to `body`; `false` if there is none yet.
  package mutating func next(_ body: (Reply) -> Void) throws(Failure) -> Bool {
    var found = unsafe chiredis_reply()
    // SAFETY: what `found` points to stays as it is until the reader is called again, and it is not: `body` has
    // no way to reach it while this call has exclusive access.
    let outcome = unsafe chiredis_next(reader, &found)
    try Self.check(outcome)
    if outcome == 0 { return false }
    let nodes = unsafe UnsafeBufferPointer(start: found.nodes, count: found.node_count)
    let text = unsafe UnsafeBufferPointer(start: found.text, count: found.text_count)
    body(Reply(nodes: unsafe nodes.span, bytes: unsafe text.span))
    return true
  }

  private static func check(_ outcome: Int32) throws(Failure) {
    if outcome == Int32(CHIREDIS_TOO_LARGE) { throw .tooLarge }
    if outcome < 0 { throw .malformed }
  }
}
