import Bytes
import COpenSSL

/// Why there is no secure connection, or no longer.
public enum TLSError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file of certificates or keys that cannot be used.
  case file(path: String, reason: String)
  /// A name no certificate can be checked against.
  case name(String)
  /// The peer's certificate is not good for the name we called.
  case untrusted(reason: String)
  /// The two could not agree, or the peer does not speak TLS.
  case handshake(reason: String)
  /// Bytes that were changed on the way, or an alert of the peer.
  case broken(reason: String)
  /// The connection ended without TLS' own goodbye: what was read may be only a part (RFC 8446 §6.1).
  case cutOff
  /// There is nothing to write to: still shaking hands, or closed.
  case notOpen
  /// OpenSSL could not set itself up; mostly for want of memory.
  case setup(reason: String)

  public var description: String {
    switch self {
    case .file(let path, let reason): "\(printable(path)): \(reason)"
    case .name(let name): "'\(printable(name, limit: 60))' is no host name or address"
    case .untrusted(let reason): "the certificate is not trusted: \(reason)"
    case .handshake(let reason): "no TLS handshake: \(reason)"
    case .broken(let reason): "the TLS connection broke: \(reason)"
    case .cutOff: "the TLS connection was cut off"
    case .notOpen: "the TLS connection is not open"
    case .setup(let reason): "OpenSSL cannot start: \(reason)"
    }
  }

  /// OpenSSL's words for what just failed in this thread.
  static func newestReason() -> String {
    // SAFETY: the shim answers with a text that lives as long as the program.
    unsafe printable(String(cString: copenssl_reason()), limit: 120)
  }
}
