import Bytes
import Testing

@testable import FleetState

@Suite struct PaceTests {
  private static let turn = Duration.milliseconds(50)

  /// Paces `open` sockets that go the moment they are asked; what it asked at which millisecond, and its rate then.
  private struct Run {
    var asked: [(at: Int, count: Int, rate: Pace.Rate?)] = []
    let open: Int
    let window: Int

    init(
      _ open: Int, window: Int, strain: (_ at: Int) -> Strain? = { _ in nil }, late: (Int) -> Int = { _ in 0 }
    ) {
      self.open = open
      self.window = window
      var pace = Pace(open, from: .zero, until: .milliseconds(window), turn: PaceTests.turn)
      var left = open
      for planned in stride(from: 0, to: window, by: 50) {
        let now = planned + late(planned)
        if now >= window { break }
        let count = pace.ask(at: .milliseconds(now), open: left, strain: strain(now))
        left -= count
        asked.append((now, count, pace.current))
      }
    }

    var total: Int { asked.reduce(0) { $0 + $1.count } }

    func count(before end: Int) -> Int { asked.reduce(0) { $1.at < end ? $0 + $1.count : $0 } }

    /// The most of any second, wherever it begins.
    var fullestSecond: Int {
      asked.indices.reduce(0) { most, first in
        let end = asked[first].at + 1000
        return max(most, asked[first...].prefix { $0.at < end }.reduce(0) { $0 + $1.count })
      }
    }

    /// One and a half of the mean, and one because sockets are whole.
    var limit: Int { max(1, open * 3 * 1000 / (window * 2)) + 1 }
  }

  /// Survivors that change their mind every second or so, some of them silent at times.
  private static func moods(_ random: inout SplitMix64) -> [Strain?] {
    let kind = Int.random(in: 0...3, using: &random)
    return (0..<200).map { _ in
      switch kind {
      case 0: Strain(permille: Int.random(in: 0...1000, using: &random))
      case 1: Bool.random(using: &random) ? .overwhelmed : .calm
      case 2: Bool.random(using: &random) ? Strain(permille: Int.random(in: 0...200, using: &random)) : nil
      case _: .overwhelmed
      }
    }
  }

  // MARK: Calm

  @Test("calm or with nobody to ask, it is even to the socket", arguments: [1, 2, 7, 160, 999, 20_000])
  func even(open: Int) {
    for strain in [nil, Strain.calm] {
      let run = Run(open, window: 8000) { _ in strain }
      #expect(run.total == open)
      for turn in run.asked {
        // It ends one turn early, and the first does not wait.
        let due = 1 + (open - 1) * (turn.at + 50) / 7950
        #expect(abs(run.count(before: turn.at + 1) - min(due, open)) <= 1, "\(turn.at) ms")
      }
      #expect(run.asked.allSatisfy { $0.rate?.percent ?? 100 == 100 })
    }
  }

  @Test("few sockets over a long window go one by one")
  func few() {
    let run = Run(4, window: 60_000)
    #expect(run.asked.filter { $0.count > 0 }.map(\.at) == [0, 19_950, 39_950, 59_900])
  }

  // MARK: Strain

  @Test("whatever the survivors say, everyone is asked in time and no second is too full", arguments: 0..<300)
  func anything(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let moods = Self.moods(&random)
    let open = Int.random(in: 1...20_000, using: &random)
    let window = Int.random(in: 20...400, using: &random) * 50
    let run = Run(open, window: window) { moods[$0 / 1000 % moods.count] }
    #expect(run.total == open, "seed \(seed)")
    #expect(run.asked.last?.count == 0, "a turn is to spare, seed \(seed)")
    #expect(run.fullestSecond <= run.limit, "seed \(seed)")
  }

  @Test("turns that come late change neither", arguments: 0..<300)
  func late(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let moods = Self.moods(&random)
    let open = Int.random(in: 1...20_000, using: &random)
    let window = Int.random(in: 60...400, using: &random) * 50
    let delays = (0...400).map { _ in Int.random(in: 0...49, using: &random) }
    let run = Run(open, window: window, strain: { moods[$0 / 1000 % moods.count] }, late: { delays[$0 / 50] })
    #expect(run.total == open, "seed \(seed)")
    #expect(run.fullestSecond <= run.limit, "seed \(seed)")
  }

  @Test("under strain nobody is asked sooner than in an even pace", arguments: 0..<100)
  func neverSooner(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let moods = Self.moods(&random)
    let open = Int.random(in: 1...20_000, using: &random)
    let calm = Run(open, window: 8000)
    let strained = Run(open, window: 8000) { moods[$0 / 1000 % moods.count] }
    for turn in calm.asked {
      #expect(
        strained.count(before: turn.at + 1) <= calm.count(before: turn.at + 1) + 1,
        "seed \(seed), \(turn.at) ms")
    }
    #expect(strained.asked.allSatisfy { (0...100).contains($0.rate?.percent ?? 0) }, "seed \(seed)")
  }

  @Test("the more strain, the fewer are asked")
  func monotone() {
    let runs = stride(from: 0, through: 1000, by: 125).map { permille in
      Run(8000, window: 8000) { _ in Strain(permille: permille) }
    }
    for (less, more) in zip(runs, runs.dropFirst()) {
      for end in stride(from: 0, through: 8000, by: 50) {
        #expect(more.count(before: end) <= less.count(before: end) + 1)
      }
    }
    #expect(runs[8].count(before: 2000) < runs[0].count(before: 2000) * 2 / 5)
  }

  @Test("it falls by a factor at once, then once a second, and not below a tenth of the mean")
  func falls() {
    let run = Run(60_000, window: 60_000) { $0 < 10_000 ? .calm : .overwhelmed }
    let rates = Dictionary(uniqueKeysWithValues: run.asked.map { ($0.at, $0.rate?.perSecond ?? 0) })
    #expect(rates[9950] == 1001)
    #expect((251...253).contains(rates[10_000] ?? 0))
    #expect((251...260).contains(rates[10_950] ?? 0), "debt gives way a little")
    #expect(run.asked.allSatisfy { $0.rate?.perSecond ?? 100 >= 100 })
    let second = run.count(before: 12_000) - run.count(before: 11_000)
    #expect((100...150).contains(second))
  }

  @Test("it recovers by steps, catches up without a leap, and never does more than it may")
  func recovers() {
    let run = Run(60_000, window: 60_000) { (10_000..<20_000).contains($0) ? .overwhelmed : .calm }
    let rates = run.asked.filter { (20_000..<59_000).contains($0.at) }.compactMap { $0.rate?.perSecond }
    for (before, after) in zip(rates, rates.dropFirst()) {
      #expect(after - before <= 20, "from \(before) to \(after)")
      #expect(before - after <= 20, "from \(before) to \(after)")
    }
    #expect(rates.max() ?? 0 > 1150 && rates.max() ?? 0 <= 1364)
    #expect(run.total == 60_000)
  }

  @Test("when the strain never ends, it comes to the most it may without a leap")
  func neverCalm() {
    let run = Run(80_000, window: 8000) { _ in .overwhelmed }
    let rates = run.asked.dropFirst(21).dropLast(2).compactMap { $0.rate?.perSecond }
    for (before, after) in zip(rates, rates.dropFirst()) {
      #expect(after - before <= 1000 && before - after <= 2500, "from \(before) to \(after)")
    }
    #expect(rates.allSatisfy { $0 <= 13_637 })
  }

  // MARK: Lost time

  @Test("after a stall the rest is spread over what is left, and not made up for at once")
  func stalled() {
    let run = Run(8000, window: 8000, late: { (1000..<5000).contains($0) ? 5000 - $0 : 0 })
    #expect(run.total == 8000)
    let after = run.asked.filter { $0.at >= 5000 }.map(\.count).filter { $0 > 0 }
    let even = 7000 / 59 + 2
    // The first turn pays for itself and for one that was missed.
    #expect(after[0] <= 2 * even && after.dropFirst().allSatisfy { $0 <= even }, "\(after)")
  }

  @Test("turns of any length end in time", arguments: [1, 100, 249, 250, 300, 1000, 3000])
  func longTurns(turn: Int) {
    var pace = Pace(1000, from: .zero, until: .seconds(8), turn: .milliseconds(turn))
    var left = 1000
    for now in stride(from: 0, to: 8000, by: turn) {
      left -= pace.ask(at: .milliseconds(now), open: left, strain: .overwhelmed)
    }
    #expect(left == 0)
  }

  @Test("a window shorter than two turns asks all at once", arguments: [0, 1, 50, 100])
  func short(window: Int) {
    var pace = Pace(500, from: .zero, until: .milliseconds(window), turn: Self.turn)
    #expect(pace.ask(at: .zero, open: 500, strain: .overwhelmed) == 500)
    #expect(pace.ask(at: .milliseconds(1), open: 500, strain: nil) == 0)
    #expect(pace.current == nil, "there is nobody left to ask")
  }

  @Test("who leaves by himself is not asked, and makes it slower for the rest")
  func leaving() throws {
    var pace = Pace(8000, from: .zero, until: .seconds(8), turn: Self.turn)
    _ = pace.ask(at: .zero, open: 8000, strain: nil)
    let before = try #require(pace.current)
    _ = pace.ask(at: .milliseconds(50), open: 2000, strain: nil)
    let after = try #require(pace.current)
    #expect(after.percent == 100)
    #expect(after.perSecond < before.perSecond / 3)
  }

  @Test("nonsense is survived: numbers no machine has, time that stands or goes back")
  func nonsense() {
    var pace = Pace(.max, from: .zero, until: .seconds(86_400), turn: .milliseconds(1))
    for now in [0, 0, 5, 2, -7, 86_399_000, 86_400_000, 1_000_000_000_000] {
      let count = pace.ask(at: .milliseconds(now), open: .max, strain: .overwhelmed)
      #expect(count >= 0)
      #expect(pace.current?.perSecond ?? 0 >= 0)
    }
    #expect(Pace(-3, from: .zero, until: .seconds(-1), turn: .milliseconds(1)).current?.percent == 100)
  }
}
