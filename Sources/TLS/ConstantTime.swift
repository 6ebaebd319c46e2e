import Bytes

/// Comparison of secrets that takes as long for a near miss as for a far one.
public enum ConstantTime {
  public static func equal(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    // The length is no secret, the content is.
    if a.count != b.count { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
  }
}
