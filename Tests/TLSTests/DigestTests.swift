import Bytes
import Testing

@testable import TLS

@Suite struct DigestTests {
  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func sha1(_ text: String) -> String { hex(SHA1.digest(of: text.utf8.span)) }
  private func sha256(_ text: String) -> String { hex(SHA256.digest(of: text.utf8.span)) }
  private func hmac(_ text: String, key: [UInt8]) -> String {
    hex(SHA256.authenticate(text.utf8.span, key: key.span))
  }
  private func equal(_ a: String, _ b: String) -> Bool { ConstantTime.equal(a.utf8.span, b.utf8.span) }

  @Test("SHA-1 of the standard's examples")
  func sha1() {
    #expect(sha1("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(sha1("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
  }

  @Test("SHA-256 of the standard's examples")
  func sha256() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(sha256("") == empty)
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(sha256("abc") == abc)
  }

  @Test("HMAC-SHA-256 of RFC 4231, short and long keys")
  func hmac() {
    let key = [UInt8](repeating: 0x0B, count: 20)
    #expect(hmac("Hi There", key: key) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    let long = [UInt8](repeating: 0xAA, count: 131)
    let text = "Test Using Larger Than Block-Size Key - Hash Key First"
    #expect(hmac(text, key: long) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  @Test("secrets are equal byte for byte or not at all")
  func constantTime() {
    #expect(equal("abc", "abc"))
    #expect(!equal("abc", "abd"))
    #expect(!equal("abc", "ab"))
    #expect(equal("", ""))
  }
}
