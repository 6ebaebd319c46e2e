import Testing

@testable import Measurement

@Suite struct MessageSizesTests {
  private func sizes(_ text: String, seed: UInt64 = 1, count: Int = 20_000) throws -> [Int] {
    let sizes = try #require(MessageSizes(text, seed: seed))
    return (0..<count).map { sizes.size(socket: UInt32($0 % 7), message: UInt32($0 / 7)) }
  }

  private func mean(_ sizes: [Int]) -> Double { Double(sizes.reduce(0, +)) / Double(sizes.count) }

  @Test("one number is the length of all", arguments: [("64", 64), ("4k", 4096), ("1m", 1 << 20)])
  func fixed(_ text: String, _ size: Int) throws {
    #expect(try sizes(text, count: 10) == Array(repeating: size, count: 10))
  }

  @Test("uniform fills its range evenly, and a stamp is the least")
  func uniform() throws {
    let drawn = try sizes("uniform:100-299")
    #expect(drawn.min() == 100 && drawn.max() == 299)
    #expect(abs(mean(drawn) - 199.5) < 2)
    #expect(try sizes("uniform:10-1000").min() == Stamp.size)
  }

  @Test("exponential lengths have the mean and the shape of one")
  func exponential() throws {
    let drawn = try sizes("exp:2000")
    #expect(abs(mean(drawn) / 2000 - 1) < 0.03)
    // Beyond the mean lie 36.8 %, beyond three times the mean 5 %.
    #expect(abs(Double(drawn.count { $0 > 2000 }) / 20_000 - 0.3679) < 0.015)
    #expect(abs(Double(drawn.count { $0 > 6000 }) / 20_000 - 0.0498) < 0.01)
  }

  @Test("a list has its weights")
  func weighted() throws {
    let drawn = try sizes("64:9,4k:1")
    #expect(Set(drawn) == [64, 4096])
    #expect(abs(Double(drawn.count { $0 == 4096 }) / 20_000 - 0.1) < 0.01)
  }

  @Test("the same seed, socket and number have the same length; another seed has others")
  func seeded() throws {
    #expect(try sizes("exp:500", seed: 3) == sizes("exp:500", seed: 3))
    #expect(try sizes("exp:500", seed: 3) != sizes("exp:500", seed: 4))
  }

  @Test(
    "what is no size is none",
    arguments: [
      "", "63", "0", "-1", "2m", "uniform:", "uniform:9", "uniform:200-100", "uniform:1-2-3", "exp:", "exp:0",
      "64:0", "64:-1", "64:nan", "64:1,", ":1", "64:inf", "99999999999999999999",
    ])
  func malformed(_ text: String) { #expect(MessageSizes(text, seed: 0) == nil) }
}
