import Bytes
import Testing
import WireProtocol

@Suite struct ProxyHeadTests {
  private static let secret = (1...16).map { UInt8($0) }
  private static let heads = [
    ProxyHead(peer: PeerAddress(version: .v4, low: 0xC000_0201, port: 0x1234), secret: secret),
    ProxyHead(
      peer: PeerAddress(version: .v6, high: 0x2001_0DB8_0000_0000, low: 0xA, port: 65_535), secret: secret),
  ]

  private func bytes(_ head: ProxyHead) -> [UInt8] {
    var out = ByteBuffer()
    head.append(to: &out)
    return out.bytes.copied()
  }

  private func read(_ bytes: [UInt8]) throws -> ProxyHead? { try ProxyHead.read(bytes.span)?.head }

  @Test("what is written is the PROXY protocol's version 2, byte for byte")
  func form() {
    let expected: [UInt8] =
      [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 31]
      + [192, 0, 2, 1, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 0xE0, 0, 16] + Self.secret
    #expect(bytes(Self.heads[0]) == expected)
  }

  @Test("it is read back, with what follows left alone, and cut anywhere it asks for more", arguments: heads)
  func split(_ head: ProxyHead) throws {
    let bytes = bytes(head)
    for count in bytes.indices {
      let early = try read(Array(bytes[..<count]))
      #expect(early == nil, "\(count) of \(bytes.count)")
    }
    let longer = bytes + Array("GET / HTTP/1.1".utf8)
    let result = try ProxyHead.read(longer.span)
    #expect(result?.head == head && result?.count == bytes.count)
  }

  @Test("one wrong bit is an error, or another's address or secret; never a trap", arguments: heads)
  func bits(_ head: ProxyHead) {
    let bytes = bytes(head)
    let width = head.peer.version == .v4 ? 4 : 16
    // Source, its port, and the secret are values; so is the destination, which nobody reads.
    let values = Set(16..<16 + 2 * width + 4).union(bytes.count - 16..<bytes.count)
    for index in bytes.indices {
      for bit in 0..<8 {
        var broken = bytes
        broken[index] ^= 1 << UInt8(bit)
        let result = Result { try read(broken) }
        switch result {
        case .success(let head?): #expect(values.contains(index), "byte \(index) means \(head)")
        // A version 6 head of which only as much is there as of a version 4 one.
        case .success(nil): #expect(index == 13, "byte \(index)")
        case .failure: #expect(!values.contains(index), "byte \(index)")
        }
      }
    }
  }

  @Test(
    "a stranger is known by his first bytes",
    arguments: ["G", "\u{16}\u{3}", "\r\nX", "\r\n\r\n\0\r\nQUIT\r"])
  func strangers(_ text: String) {
    #expect(throws: ProxyHead.Malformed.self) { try read(Array(text.utf8)) }
  }
}
