import Testing
import WireProtocol

@Suite struct MaskTests {
  @Test("many at a time is the same as one at a time", arguments: 0...160)
  func oracle(length: Int) {
    let source = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    let key: [UInt8] = [0x12, 0xF0, 0x7A, 0x99]
    for phase in 0..<9 {
      let mask = Mask(key[0], key[1], key[2], key[3]).rotated(by: phase)
      var target = [UInt8](repeating: 0xEE, count: length + 3)
      var span = target.mutableSpan
      mask.copy(source.span, into: &span)
      let expected = source.indices.map { source[$0] ^ key[($0 + phase) % 4] } + [0xEE, 0xEE, 0xEE]
      #expect(target == expected, "phase \(phase)")
    }
  }
}
