import Bytes
import Testing

@testable import Measurement

@Suite struct StampTests {
  private let stamp = Stamp(run: 0xCAFE, socket: 4711, sequence: 99, intended: 123_456_789, sent: 123_460_000)

  private func message(_ size: Int, prefix: String = "") -> [UInt8] {
    var out = ByteBuffer()
    out.append(prefix)
    stamp.write(size: size, into: &out)
    return out.bytes.copied()
  }

  private func read(_ bytes: [UInt8], size: Int, run: UInt32 = 0xCAFE) -> Stamp.Reading {
    guard let sizes = MessageSizes(String(max(size, Stamp.size)), seed: 0) else { return .foreign }
    return Stamp.read(bytes.span, sizes: sizes, run: run)
  }

  @Test("what is written is read, at any size and behind any prefix", arguments: [0, 63, 64, 65, 100, 5000])
  func roundTrip(_ size: Int) {
    #expect(message(size).count == max(64, size))
    #expect(message(size).allSatisfy { (0x20..<0x7F).contains($0) })
    #expect(read(message(size), size: size) == .stamp(stamp))
    #expect(read(message(size, prefix: "echo: "), size: size) == .stamp(stamp))
  }

  @Test("a wrong bit anywhere is noticed")
  func corruption() {
    let good = message(100)
    for index in good.indices {
      for bit in 0..<8 {
        var bad = good
        bad[index] ^= 1 << bit
        let reading = read(bad, size: 100)
        #expect(reading != .stamp(stamp), "byte \(index) bit \(bit)")
        // The run's own name decides whether it is ours at all.
        if index >= 8 { #expect(reading == .corrupt) }
      }
    }
  }

  @Test("other people's messages are foreign")
  func foreign() {
    #expect(read(Array("🛰 Test notification".utf8), size: 64) == .foreign)
    #expect(read([], size: 64) == .foreign)
    #expect(read(message(64), size: 64, run: 1) == .foreign)
  }

  @Test(
    "a server may put something behind the message, too, and something that looks like its beginning before")
  func wrapped() {
    #expect(
      read(message(90, prefix: "{\"user\": \"0000\", \"message\": \"") + Array("\"}".utf8), size: 90)
        == .stamp(stamp))
    #expect(
      read(message(64, prefix: String(repeating: " ", count: Stamp.mostBefore)) + [0x7D], size: 64)
        == .stamp(stamp))
    #expect(
      read(message(64, prefix: String(repeating: " ", count: Stamp.mostBefore + 1)) + [0x7D], size: 64)
        == .foreign)
  }

  @Test("what is shorter than the plan wants it is corrupt")
  func short() {
    #expect(read(message(64), size: 65) == .corrupt)
  }

  @Test("two digits changed at once are noticed, the same bit in two fields too")
  func corruptionTwice() {
    let good = message(64)
    for first in 8..<64 {
      for second in first + 1..<64 {
        for bit in 0..<4 {
          var bad = good
          bad[first] ^= 1 << bit
          bad[second] ^= 1 << bit
          #expect(read(bad, size: 64) == .corrupt, "bytes \(first) and \(second), bit \(bit)")
        }
      }
    }
  }

  @Test(
    "a message cut short anywhere is corrupt, and foreign where not even the run's name is left",
    arguments: 0..<64)
  func cutShort(_ length: Int) {
    #expect(read(Array(message(64)[..<length]), size: 64) == (length < 8 ? .foreign : .corrupt))
  }
}
