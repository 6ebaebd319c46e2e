import Bytes

private let percent = UInt8(ascii: "%")
private let plus = UInt8(ascii: "+")

enum PercentEncoding {
  /// Whether each percent sign leads two hex digits, none of them hides a NUL, and all of it is UTF-8: checked
  /// once when a target arrives, so that decoding any part of it later cannot fail.
  static func isSound(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.firstIndex(of: percent) != nil else { return true }
    let decoded = decode(bytes, plusIsSpace: false)
    guard let decoded, decoded.firstIndex(of: 0) == nil else { return false }
    return (try? UTF8Span(validating: decoded.span)) != nil
  }

  /// Text of a path segment or, with `plusIsSpace`, of a query item.
  static func text(_ bytes: Span<UInt8>, plusIsSpace: Bool) -> String {
    var isPlain = true
    for index in bytes.indices where bytes[index] == percent || plusIsSpace && bytes[index] == plus {
      isPlain = false
    }
    guard !isPlain, let decoded = decode(bytes, plusIsSpace: plusIsSpace) else { return bytes.text }
    return decoded.span.text
  }

  /// nil when a percent sign does not lead two hex digits.
  private static func decode(_ bytes: Span<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == percent else {
        decoded.append(plusIsSpace && byte == plus ? .space : byte)
        continue
      }
      guard bytes.count - index >= 2, let high = bytes[index].hexDigit, let low = bytes[index + 1].hexDigit
      else { return nil }
      decoded.append(high << 4 | low)
      index += 2
    }
    return decoded
  }
}
