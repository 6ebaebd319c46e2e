import Bytes
import Testing
import WireProtocol

@Suite struct UTF8CheckTests {
  @Test("it agrees with the standard library, cut anywhere", arguments: [7, 77] as [UInt64])
  func oracle(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let edges: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
    ]
    for _ in 0..<20_000 {
      var bytes = [UInt8](repeating: 0x61, count: Int.random(in: 0...17, using: &random))
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        bytes.append(edges[Int.random(in: 0..<edges.count, using: &random)])
      }
      let expected = String(validating: bytes, as: UTF8.self) != nil
      let cut = Int.random(in: 0...bytes.count, using: &random)
      let head = Array(bytes[..<cut])
      let tail = Array(bytes[cut...])
      var check = UTF8Check()
      let mayBegin = check.accept(head.span)
      let isText = mayBegin && check.accept(tail.span) && check.isComplete
      #expect(isText == expected, "seed \(seed): \(bytes) cut at \(cut)")
    }
  }

  @Test("every scalar passes, alone and in a run of text; every surrogate fails")
  func scalars() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var bytes = Array(scalar.utf8)
      let isText = UTF8Check.isValid(bytes.span)
      bytes.append(contentsOf: "01234567".utf8)
      let isTextInRun = UTF8Check.isValid(bytes.span)
      if !isText || !isTextInRun { Issue.record("U+\(String(value, radix: 16))") }
    }
    for low in UInt8(0xA0)...0xBF {
      let bytes: [UInt8] = [0xED, low]
      var check = UTF8Check()
      let mayBeText = check.accept(bytes.span)
      #expect(!mayBeText)
    }
  }

  @Test("in a run of text it agrees with the standard library, whatever four bytes stand there")
  func runs() {
    let edges: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4,
      0xF8,
    ]
    var bytes = Array("éa0123456789".utf8)
    var texts = 0
    for first in edges {
      for second in edges {
        for third in edges {
          for fourth in edges {
            bytes.replaceSubrange(2..<6, with: [first, second, third, fourth])
            let expected = String(validating: bytes, as: UTF8.self) != nil
            let isText = UTF8Check.isValid(bytes.span)
            if isText != expected { Issue.record("\(bytes)") }
            if isText { texts += 1 }
          }
        }
      }
    }
    #expect(texts > 0)
  }
}
