import Bytes
import Testing

@testable import Measurement

@Suite struct TimelineTests {
  @Test("each second has its count, the empty ones too")
  func seconds() {
    var timeline = Timeline()
    for time: UInt64 in [0, 999_999_999, 1_000_000_000, 3_500_000_000] { timeline.add(at: time) }
    #expect(timeline.steps == [2, 1, 0, 1])
    #expect(timeline.perSecond(0) == 2)
  }

  @Test("a long run folds, and nothing is forgotten")
  func folding() {
    var timeline = Timeline()
    for second: UInt64 in 0..<3000 { timeline.add(at: second * 1_000_000_000, 4) }
    #expect(timeline.stepNanoseconds == 4_000_000_000)
    #expect(timeline.steps == [Int](repeating: 16, count: 750))
    #expect(timeline.perSecond(7) == 4)
    #expect(timeline.total == 12_000)
  }

  @Test("the end of time is still a step")
  func end() {
    var timeline = Timeline()
    timeline.add(at: 0)
    timeline.add(at: .max)
    #expect(timeline.total == 2)
    #expect(timeline.steps.count <= Timeline.mostSteps)
    #expect(timeline.steps.first == 1 && timeline.steps.last == 1)
  }

  @Test(
    "merging two is counting all in one, however coarse each is", arguments: 1...20 as ClosedRange<UInt64>)
  func merge(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var one = Timeline()
    var two = Timeline()
    var all = Timeline()
    let reach = UInt64.random(in: 1...5000, using: &random)
    for index in 0..<500 {
      let isFirst = index % 3 == 0
      let second = UInt64.random(in: 0..<(isFirst ? reach : 900), using: &random)
      all.add(at: second * 1_000_000_000)
      if isFirst { one.add(at: second * 1_000_000_000) } else { two.add(at: second * 1_000_000_000) }
    }
    var reversed = two
    reversed.merge(one)
    one.merge(two)
    #expect(one == all, "seed \(seed)")
    #expect(reversed == all, "seed \(seed)")
  }

  @Test("steps of a length no folding leads to are refused")
  func hostile() {
    let second: UInt64 = 1_000_000_000
    for step in [second, 2 * second, 1024 * second] {
      #expect(Timeline(steps: [1, 2], stepNanoseconds: step)?.total == 3)
    }
    for step in [0, 1, 3 * second, second + 1] { #expect(Timeline(steps: [], stepNanoseconds: step) == nil) }
    let tooMany = [Int](repeating: 0, count: Timeline.mostSteps + 1)
    #expect(Timeline(steps: tooMany, stepNanoseconds: second) == nil)
  }
}
