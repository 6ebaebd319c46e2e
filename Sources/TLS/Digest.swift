import Bytes
import COpenSSL

/// SHA-1, for what still asks for it: the WebSocket handshake. It proves nothing about secrets.
public enum SHA1 {
  /// Twenty bytes.
  public static func digest(of bytes: Span<UInt8>) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 20) { target, count in
      // SAFETY: the target holds the twenty bytes SHA-1 writes, and the span lives for the call.
      unsafe bytes.withUnsafeBytes { source in
        _ = unsafe COpenSSL.SHA1(
          source.baseAddress?.assumingMemoryBound(to: UInt8.self), source.count, target.baseAddress)
      }
      count = 20
    }
  }
}

public enum SHA256 {
  /// Thirty-two bytes.
  public static func digest(of bytes: Span<UInt8>) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { target, count in
      // SAFETY: the target holds the thirty-two bytes SHA-256 writes, and the span lives for the call.
      unsafe bytes.withUnsafeBytes { source in
        _ = unsafe COpenSSL.SHA256(
          source.baseAddress?.assumingMemoryBound(to: UInt8.self), source.count, target.baseAddress)
      }
      count = 32
    }
  }

  /// HMAC (RFC 2104), from the definition: two hashes over the padded key.
  public static func authenticate(_ message: Span<UInt8>, key: Span<UInt8>) -> [UInt8] {
    var block = key.count > 64 ? digest(of: key) : key.copied()
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = block.map { $0 ^ 0x36 } + message.copied()
    let outer = block.map { $0 ^ 0x5C } + digest(of: inner.span)
    return digest(of: outer.span)
  }
}
