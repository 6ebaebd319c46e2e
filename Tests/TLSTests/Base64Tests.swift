import Bytes
import Foundation
import Testing

@testable import TLS

@Suite struct Base64Tests {
  @Test("the same text as another encoder, and back", arguments: 0..<70)
  func roundTrip(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
    let text = Base64.encode(bytes.span)
    #expect(text == Data(bytes).base64EncodedString())
    #expect(Base64.decode(text) == bytes)
    let url = Base64.encode(bytes.span, .url)
    #expect(!url.contains { "+/=".contains($0) })
    #expect(Base64.decode(url, .url) == bytes)
  }

  @Test(
    "only the one way to write something is read",
    arguments: ["A", "AB", "ABC", "AB=", "AR==", "ABE=B", "====", "A===", "AAA\n", "AA-_", "AAAA="])
  func malformed(_ text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
