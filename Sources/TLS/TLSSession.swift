public import Bytes
import COpenSSL

/// One end of a TLS connection, without a socket: bytes of the wire in, bytes for the wire out.
///
/// Whatever a call puts into `wire` is to be sent, also when it throws: then it is the alert that tells the peer why.
/// A session that threw is closed.
@safe
public final class TLSSession {
  public enum State: Equatable, Sendable {
    case handshaking
    case open
    /// The peer has said goodbye, and is still owed what we write. Only where `hearsOut` asks for it.
    case owing
    case closed
  }

  public private(set) var state = State.handshaking
  /// A peer that says goodbye may still be written to, until we say it too; else we say it at once.
  public var hearsOut = false

  // SAFETY: `session` is owned by this object alone until `deinit`, and owns both queues.
  private let session: OpaquePointer
  private let inbound: OpaquePointer
  private let outbound: OpaquePointer

  /// No step takes more, so that OpenSSL's queues, which never shrink, stay about this small.
  private static let longestStep = 1 << 14

  /// A server's end: speaks when it has been spoken to.
  public convenience init(serving context: TLSContext) throws(TLSError) {
    precondition(context.side == .server, "a server's session needs a server's context")
    try self.init(context)
    unsafe SSL_set_accept_state(session)
  }

  /// A client's end, which calls `host`: a name or an address without brackets. `wire` gets the first words.
  public convenience init(
    calling host: String, _ context: TLSContext, into wire: inout ByteBuffer
  ) throws(TLSError) {
    precondition(context.side == .client, "a client's session needs a client's context")
    try self.init(context)
    try expect(host)
    unsafe SSL_set_connect_state(session)
    try shake(&wire)
  }

  private init(_ context: TLSContext) throws(TLSError) {
    ERR_clear_error()
    let session = unsafe SSL_new(context.context)
    let inbound = unsafe BIO_new(BIO_s_mem())
    let outbound = unsafe BIO_new(BIO_s_mem())
    guard let session = unsafe session, let inbound = unsafe inbound, let outbound = unsafe outbound else {
      unsafe SSL_free(session)
      unsafe BIO_free_all(inbound)
      unsafe BIO_free_all(outbound)
      throw .setup(reason: TLSError.newestReason())
    }
    unsafe SSL_set_bio(session, inbound, outbound)
    unsafe self.session = session
    unsafe self.inbound = inbound
    unsafe self.outbound = outbound
  }

  deinit { unsafe SSL_free(session) }

  /// Takes what the wire brought; `plain` gets what the peer wrote.
  public func receive(
    _ ciphertext: Span<UInt8>, into plain: inout ByteBuffer, answering wire: inout ByteBuffer
  ) throws(TLSError) {
    var taken = 0
    while taken < ciphertext.count, state != .closed, state != .owing {
      let count = min(ciphertext.count - taken, Self.longestStep)
      try queue(ciphertext.extracting(taken..<taken + count))
      taken += count
      if state == .handshaking { try shake(&wire) }
      if state == .open { try read(&plain, &wire) }
    }
  }

  /// Encrypts all of `plain`.
  public func write(_ plain: Span<UInt8>, into wire: inout ByteBuffer) throws(TLSError) {
    guard state == .open || state == .owing else { throw .notOpen }
    var taken = 0
    while taken < plain.count {
      let rest = plain.extracting(taken..<min(plain.count, taken + Self.longestStep))
      ERR_clear_error()
      var written = 0
      // SAFETY: the span lives for the call.
      let status = unsafe rest.withUnsafeBytes { source in
        unsafe SSL_write_ex(session, source.baseAddress, source.count, &written)
      }
      let verdict = unsafe SSL_get_error(session, status)
      drain(&wire)
      guard verdict == SSL_ERROR_NONE else { throw fail { .broken(reason: $0) } }
      taken += written
    }
  }

  /// Says goodbye. What the peer still sends is not read any more.
  public func close(into wire: inout ByteBuffer) {
    if state == .open || state == .owing {
      ERR_clear_error()
      _ = unsafe SSL_shutdown(session)
      drain(&wire)
    }
    state = .closed
  }

  /// The wire has ended. That is well only after a goodbye, the peer's or ours.
  public func end() throws(TLSError) {
    if state == .closed || state == .owing { return }
    state = .closed
    throw .cutOff
  }

  /// `TLSv1.3`, once open.
  public var version: String {
    // SAFETY: OpenSSL answers with a text that lives as long as the program.
    unsafe String(cString: SSL_get_version(session))
  }

  // MARK: Steps

  /// Checks the peer's certificate for this name; without one OpenSSL would take any.
  private func expect(_ host: String) throws(TLSError) {
    // To C an inner zero is the end, and the rest of the name would go unchecked; to OpenSSL a dot in front
    // stands for any name below, so that ".com" would trust nearly everyone.
    guard !host.isEmpty, host.utf8.first != UInt8(ascii: "."), !host.utf8.contains(0) else {
      throw .name(host)
    }
    ERR_clear_error()
    // SAFETY: the parameters belong to the session, and a Swift string is a C string for the call.
    let parameters = unsafe SSL_get0_param(session)
    if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return }
    let name = host.last == "." ? String(host.dropLast()) : host
    unsafe SSL_set_hostflags(session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    guard !name.isEmpty, unsafe SSL_set1_host(session, name) == 1, unsafe copenssl_ask_for(session, name) == 1
    else { throw .name(host) }
  }

  private func shake(_ wire: inout ByteBuffer) throws(TLSError) {
    ERR_clear_error()
    let status = unsafe SSL_do_handshake(session)
    let verdict = unsafe SSL_get_error(session, status)
    drain(&wire)
    switch verdict {
    case SSL_ERROR_NONE: state = .open
    case SSL_ERROR_WANT_READ: return
    case _:
      let judged = unsafe SSL_get_verify_result(session)
      if judged == Int(X509_V_OK) { throw fail { .handshake(reason: $0) } }
      // SAFETY: OpenSSL answers with a text that lives as long as the program.
      let reason = unsafe String(cString: X509_verify_cert_error_string(judged))
      throw fail { _ in .untrusted(reason: reason) }
    }
  }

  private func read(_ plain: inout ByteBuffer, _ wire: inout ByteBuffer) throws(TLSError) {
    while true {
      ERR_clear_error()
      var verdict = SSL_ERROR_NONE
      plain.append(upTo: Self.longestStep) { room in
        var count = 0
        // SAFETY: the span's own bytes and count, alive for the call.
        let status = unsafe room.withUnsafeMutableBytes { target in
          unsafe SSL_read_ex(session, target.baseAddress, target.count, &count)
        }
        verdict = unsafe SSL_get_error(session, status)
        return count
      }
      // Reading may answer: a new key, or an alert.
      drain(&wire)
      switch verdict {
      case SSL_ERROR_NONE: continue
      case SSL_ERROR_WANT_READ: return
      case SSL_ERROR_ZERO_RETURN: return hearsOut ? state = .owing : close(into: &wire)
      case _: throw fail { .broken(reason: $0) }
      }
    }
  }

  private func queue(_ ciphertext: Span<UInt8>) throws(TLSError) {
    // SAFETY: the span lives for the call, and the queue takes a copy.
    let taken = unsafe ciphertext.withUnsafeBytes { source in
      unsafe BIO_write(inbound, source.baseAddress, CInt(source.count))
    }
    // A queue in memory takes all or, without memory, nothing.
    if taken != ciphertext.count { throw fail { .setup(reason: $0) } }
  }

  /// Moves what OpenSSL wants to say to the wire.
  private func drain(_ wire: inout ByteBuffer) {
    let waiting = unsafe BIO_ctrl_pending(outbound)
    if waiting == 0 { return }
    wire.append(upTo: waiting) { room in
      // SAFETY: the span's own bytes and count, alive for the call.
      let count = unsafe room.withUnsafeMutableBytes { target in
        unsafe BIO_read(outbound, target.baseAddress, CInt(target.count))
      }
      return Int(max(0, count))
    }
  }

  private func fail(_ error: (String) -> TLSError) -> TLSError {
    state = .closed
    return error(TLSError.newestReason())
  }
}
