import Testing

@testable import Measurement

@Suite struct FrameCutTests {
  @Test("the share of cut frames is the one asked for", arguments: [0.5, 10, 50, 100])
  func share(_ percent: Double) throws {
    let cut = try #require(FrameCut(percent: percent, period: nil, seed: 7))
    var count = 0
    for socket in 0..<100 as Range<UInt32> {
      for message in 0..<1000 as Range<UInt32> where cut.place(socket: socket, message: message) != nil {
        count += 1
      }
    }
    let expected = percent * 1000
    // Five standard deviations of 100,000 draws.
    let slack = 5 * (100_000 * percent / 100 * (1 - percent / 100)).squareRoot()
    #expect(abs(Double(count) - expected) <= slack)
    #expect(FrameCut(percent: 0, period: nil, seed: 7) == nil)
  }

  @Test("the same plan cuts the same frames at the same bytes, another seed others")
  func repeats() throws {
    func places(_ seed: UInt64) throws -> [FrameCut.Place?] {
      let cut = try #require(FrameCut(percent: 30, period: 1_000_000_000, seed: seed))
      return (0..<200).map { cut.place(socket: $0 / 10, message: $0 % 10) }
    }
    #expect(try places(1) == places(1))
    #expect(try places(1) != places(2))
  }

  @Test(
    "each byte is a place to cut, in the header too, and both parts hold something",
    arguments: [2, 3, 70, 134])
  func everywhere(_ count: Int) throws {
    let cut = try #require(FrameCut(percent: 100, period: nil, seed: 3))
    var firsts: [Int: Int] = [:]
    for message in 0..<20_000 as Range<UInt32> {
      let place = try #require(cut.place(socket: 0, message: message))
      firsts[place.first(of: count, header: 6), default: 0] += 1
    }
    #expect(Set(firsts.keys) == Set(1..<count))
    let inHeader = firsts.filter { $0.key <= 6 }.values.reduce(0, +)
    #expect(inHeader >= 5000 * 9 / 10)
  }

  @Test("a frame of one byte has no two parts")
  func short() throws {
    let cut = try #require(FrameCut(percent: 100, period: nil, seed: 3))
    let place = try #require(cut.place(socket: 0, message: 0))
    #expect(place.first(of: 1, header: 6) == 1)
  }

  @Test(
    "the rest follows in 1 to 20 ms, and before the socket's next message",
    arguments: [nil, 1_000_000_000, 40_000_000, 10_000_000, 1000, 1] as [UInt64?])
  func pause(_ period: UInt64?) throws {
    let cut = try #require(FrameCut(percent: 100, period: period, seed: 11))
    let longest = min(20_000_000, max(20, (period ?? .max) / 2))
    let pauses = try (0..<5000).map { try #require(cut.place(socket: $0, message: 1)).pause }
    #expect(pauses.allSatisfy { (longest / 20...longest).contains($0) })
    #expect(Set(pauses).count > 15)
  }
}
