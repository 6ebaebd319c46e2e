import COpenSSL

/// What many sessions share: certificate and key of a server, or whom a client trusts. TLS 1.2 and 1.3.
@safe
public final class TLSContext {
  public enum Roots: Equatable, Sendable {
    /// Those the system trusts.
    case system
    /// Only those in this PEM file.
    case file(String)
  }

  enum Side { case server, client }

  let side: Side
  // SAFETY: owned by this object alone; a session made from it holds a count of its own.
  let context: OpaquePointer

  /// `certificate` is a PEM file with the server's own first and the chain behind it.
  public static func server(certificate: String, key: String) throws(TLSError) -> TLSContext {
    let new = try TLSContext(.server)
    let context = unsafe new.context
    // SAFETY: `new` lives to the end of this function, and a Swift string is a C string for the call.
    guard unsafe SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
      throw .file(path: certificate, reason: TLSError.newestReason())
    }
    guard unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1,
      unsafe SSL_CTX_check_private_key(context) == 1
    else { throw .file(path: key, reason: TLSError.newestReason()) }
    return new
  }

  /// The server's certificate and its name are always checked.
  public static func client(roots: Roots = .system) throws(TLSError) -> TLSContext {
    let new = try TLSContext(.client)
    let context = unsafe new.context
    // SAFETY: as above.
    unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    switch roots {
    case .system:
      guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
        throw .setup(reason: TLSError.newestReason())
      }
    case .file(let path):
      guard unsafe SSL_CTX_load_verify_file(context, path) == 1 else {
        throw .file(path: path, reason: TLSError.newestReason())
      }
    }
    return new
  }

  private init(_ side: Side) throws(TLSError) {
    self.side = side
    ERR_clear_error()
    let method = unsafe side == .server ? TLS_server_method() : TLS_client_method()
    guard let context = unsafe SSL_CTX_new(method) else {
      throw .setup(reason: TLSError.newestReason())
    }
    unsafe self.context = context
    guard unsafe copenssl_harden(context) == 1 else {
      throw .setup(reason: TLSError.newestReason())
    }
  }

  /// Whole days until our own certificate ends, negative when it has; nil when it does not tell.
  public var daysLeft: Int? { secondsLeft.map { Int((Double($0) / 86_400).rounded(.down)) } }

  /// The same in seconds.
  public var secondsLeft: Int? {
    // SAFETY: the certificate belongs to the context, and is only looked at.
    guard let certificate = unsafe SSL_CTX_get0_certificate(context) else { return nil }
    var days: CInt = 0
    var seconds: CInt = 0
    guard unsafe ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(certificate)) == 1 else {
      return nil
    }
    return Int(days) * 86_400 + Int(seconds)
  }

  deinit { unsafe SSL_CTX_free(context) }
}
