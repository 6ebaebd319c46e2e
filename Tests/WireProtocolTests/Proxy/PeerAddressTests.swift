import Testing
import WireProtocol

@Suite struct PeerAddressTests {
  @Test(
    "an address reads as the tools of the trade write it",
    arguments: [
      (PeerAddress(version: .v4, low: 0xC000_0201, port: 5000), "192.0.2.1:5000"),
      (PeerAddress(version: .v4, low: 0, port: 0), "0.0.0.0:0"),
      (PeerAddress(version: .v4, low: 0xFFFF_FFFF, port: 65_535), "255.255.255.255:65535"),
      (PeerAddress(version: .v6, low: 1, port: 80), "[::1]:80"),
      (PeerAddress(version: .v6, low: 0, port: 80), "[::]:80"),
      (PeerAddress(version: .v6, high: 0x2001_0DB8_0000_0000, low: 1, port: 1), "[2001:db8::1]:1"),
      (
        PeerAddress(version: .v6, high: 0x2001_0DB8_0000_0001, low: 0x0001_0001_0001_0001, port: 1),
        "[2001:db8:0:1:1:1:1:1]:1"
      ),
      (
        PeerAddress(version: .v6, high: 0x2001_0000_0000_0001, low: 0x0000_0000_0000_0001, port: 1),
        "[2001:0:0:1::1]:1"
      ),
      (
        PeerAddress(version: .v6, high: 0x0001_0000_0000_0001, low: 0x0001_0000_0000_0001, port: 1),
        "[1::1:1:0:0:1]:1"
      ),
      (PeerAddress(version: .v6, high: 0xFE80_0000_0000_0000, low: 0, port: 1), "[fe80::]:1"),
      (PeerAddress.none, "?"),
    ])
  func text(_ address: PeerAddress, _ text: String) { #expect(address.description == text) }
}
