/// What the kernel knows of TCP connections, for whoever doubts his own books. It reads whole tables: not for a loop
/// that is in a hurry.
package enum Connections {
  /// Connections that some process of this machine has accepted on one of these ports; nil where the kernel does not
  /// tell.
  package static func held(onPorts ports: Set<UInt16>) -> Int? {
    var sum: Int?
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
      guard let text = try? SmallFile.readBytes(table, limit: 64 << 20) else { continue }
      sum = (sum ?? 0) + text.split(separator: UInt8(ascii: "\n")).dropFirst().count { isHeld($0, ports) }
    }
    return sum
  }

  /// `0: 0100007F:1F90 00000000:0000 01 tx:rx tr:when retransmits uid timeout inode …`
  private static func isHeld(_ line: ArraySlice<UInt8>, _ ports: Set<UInt16>) -> Bool {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
    guard words.count > 9, let colon = words[1].lastIndex(of: UInt8(ascii: ":")),
      let port = UInt16(String(decoding: words[1][(colon + 1)...], as: UTF8.self), radix: 16),
      ports.contains(port)
    else { return false }
    let isListening = words[3].elementsEqual("0A".utf8)
    // Nobody has it: not accepted yet, or closed by everybody.
    let isNobodys = words[9].elementsEqual("0".utf8)
    return !isListening && !isNobodys
  }
}
