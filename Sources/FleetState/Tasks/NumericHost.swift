/// Whether a host is written as an address, so that nobody has to be asked where it is.
package enum NumericHost {
  package static func isNumeric(_ host: String) -> Bool { isIPv4(host) || isIPv6(host) }

  /// Four decimal numbers and nothing else: `0177.1` and its kin are read in as many ways as there are readers.
  static func isIPv4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        guard let number = UInt8(part) else { return false }
        return String(number) == part
      }
  }

  /// Groups of up to four digits with at most one gap; it need not be more exact, for the kernel reads it again.
  static func isIPv6(_ host: String) -> Bool {
    let groups = host.split(separator: ":", omittingEmptySubsequences: false)
    guard (3...9).contains(groups.count) else { return false }
    return groups.allSatisfy { group in
      group.utf8.count <= 4 && group.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 | 0x20 &- 0x61 < 6 }
    }
  }
}
