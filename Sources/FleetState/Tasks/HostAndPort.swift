import Bytes

/// `name`, `name:80`, `[::1]:80`: letters, digits, dots and hyphens, or an address.
struct HostAndPort: Equatable {
  let host: String
  let port: UInt16?

  init?(_ text: String) {
    var rest = Substring(text)
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { return nil }
      host = rest[rest.index(after: rest.startIndex)..<end].lowercased()
      guard NumericHost.isIPv6(host) else { return nil }
      rest = rest[rest.index(after: end)...]
    } else {
      let end = rest.firstIndex(of: ":") ?? rest.endIndex
      host = rest[..<end].lowercased()
      guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isNameByte) else { return nil }
      rest = rest[end...]
    }
    if rest.isEmpty {
      port = nil
      return
    }
    let digits = rest.dropFirst()
    guard rest.first == ":", digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = UInt16(digits),
      number > 0
    else { return nil }
    port = number
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || byte.asciiLowercased &- 0x61 < 26 || byte == UInt8(ascii: ".")
      || byte == UInt8(ascii: "-")
  }
}
