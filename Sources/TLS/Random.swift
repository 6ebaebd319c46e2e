import COpenSSL

/// Bytes nobody can guess, for tokens and keys.
public enum Random {
  public static func fill(_ bytes: inout MutableSpan<UInt8>) throws(TLSError) {
    // SAFETY: the span's own bytes and count, alive for the call.
    let isDone = unsafe bytes.withUnsafeMutableBytes { target in
      unsafe RAND_bytes_ex(nil, target.baseAddress, target.count, 0) == 1
    }
    if !isDone { throw .setup(reason: TLSError.newestReason()) }
  }

  public static func bytes(_ count: Int) throws(TLSError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try fill(&span)
    return bytes
  }
}
