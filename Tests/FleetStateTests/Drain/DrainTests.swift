import Bytes
import Testing

@testable import FleetState

@Suite struct DrainTests {
  private let standard = DrainPreset.standard.plan

  /// A drain of a hundred sockets that began at second 100.
  private func begun(_ plan: DrainPlan, open: Int = 100) -> Drain {
    var drain = Drain()
    #expect(drain.begin(plan, at: .seconds(100), open: open) == .announce)
    return drain
  }

  @Test("serving, time changes nothing and there is nothing to force or undo")
  func serving() {
    var drain = Drain()
    #expect(drain.tick(at: .seconds(1), open: 5) == nil)
    #expect(drain.undrain() == nil)
    #expect(drain.force(at: .seconds(1)) == nil)
    #expect(drain == Drain())
  }

  @Test("it goes through its phases at the plan's times")
  func phases() {
    var drain = begun(standard)
    #expect(drain.phase == .announced)
    #expect(drain.tick(at: .seconds(100), open: 100) == nil)
    #expect(drain.phase == .waiting)
    #expect(drain.tick(at: .milliseconds(119_999), open: 100) == nil)
    #expect(drain.tick(at: .seconds(120), open: 100) == .close(2))
    #expect(drain.phase == .pacing)
    #expect(drain.tick(at: .milliseconds(127_900), open: 100) == .close(98))
    #expect(drain.tick(at: .seconds(128), open: 1) == .closeRest)
    #expect(drain.phase == .forcing)
    #expect(drain.tick(at: .milliseconds(129_999), open: 1) == nil)
    #expect(drain.tick(at: .seconds(130), open: 1) == .stop)
    #expect(drain.phase == .stopped)
    #expect(drain.tick(at: .seconds(131), open: 1) == nil)
  }

  @Test("it ends the moment the last socket is gone, in every phase", arguments: [100, 105, 121, 129])
  func endsEarly(second: Int) {
    var drain = begun(standard)
    if second > 100 { _ = drain.tick(at: .seconds(second), open: 7) }
    #expect(drain.tick(at: .seconds(second), open: 0) == .stop)
    #expect(drain.phase == .stopped)
  }

  @Test("with nobody there it stops on the first tick")
  func empty() {
    var drain = begun(standard, open: 0)
    #expect(drain.tick(at: .seconds(100), open: 0) == .stop)
  }

  @Test(
    "pacing asks everyone exactly once and is done by its deadline", arguments: [1, 7, 80, 81, 999, 20_000])
  func pacing(count: Int) {
    var drain = begun(standard, open: count)
    _ = drain.tick(at: .seconds(100), open: count)
    var asked = 0
    var largest = 0
    // Nobody leaves at once: each is asked once although it still counts as open.
    for turn in 0..<80 {
      if case .close(let number)? = drain.tick(at: .milliseconds(120_000 + turn * 100), open: count) {
        asked += number
        largest = max(largest, number)
      }
    }
    #expect(asked == count)
    // It plans to be done one turn early.
    #expect(largest <= count / 79 + 2)
  }

  @Test("who leaves by himself while it paces is not asked")
  func leaving() {
    var drain = begun(standard)
    var open = 100
    var asked = 0
    for turn in 0..<80 {
      if turn == 40 { open = max(0, open - 30) }
      guard case .close(let number)? = drain.tick(at: .milliseconds(120_000 + turn * 100), open: open) else {
        continue
      }
      asked += number
      open -= number
    }
    #expect(open == 0 && asked == 70)
  }

  @Test("late ticks catch up: a loop that was busy loses no time of the plan")
  func late() {
    var drain = begun(standard)
    // A tenth for this turn, a tenth for one that was missed.
    #expect(drain.tick(at: .seconds(127), open: 100) == .close(20))
    #expect(drain.tick(at: .seconds(500), open: 80) == .closeRest)
    #expect(drain.tick(at: .seconds(501), open: 80) == nil)
    #expect(drain.tick(at: .seconds(502), open: 80) == .stop)
  }

  @Test("strain makes it slower, and tells at what rate; the deadline holds all the same")
  func strained() {
    var drain = begun(standard, open: 1000)
    #expect(drain.tick(at: .seconds(119), open: 1000, strain: .overwhelmed) == nil)
    #expect(drain.rate == nil, "it does not pace yet")
    var open = 1000
    var second: [Int] = []
    for turn in 0..<80 {
      if turn % 10 == 0 { second.append(0) }
      guard
        case .close(let count)? = drain.tick(
          at: .milliseconds(120_000 + turn * 100), open: open, strain: .overwhelmed)
      else { continue }
      open -= count
      second[second.count - 1] += count
      #expect((drain.rate?.percent ?? 100) <= 100)
    }
    #expect(open == 0)
    #expect(second[0] <= 50 && second[1] <= 75, "\(second)")
    #expect(second.allSatisfy { $0 <= 188 }, "\(second)")
  }

  @Test("a second signal forces at once, a third stops")
  func signals() {
    for second in [100, 110, 122] {
      var drain = begun(standard)
      _ = drain.tick(at: .seconds(second), open: 50)
      #expect(drain.force(at: .seconds(second)) == .closeRest)
      #expect(drain.phase == .forcing)
      #expect(drain.remaining(at: .seconds(second)) == .seconds(2))
      #expect(drain.force(at: .seconds(second)) == .stop)
      #expect(drain.force(at: .seconds(second)) == nil)
    }
  }

  @Test("undrain brings it back from every phase before force", arguments: [100, 110, 122])
  func undrain(second: Int) {
    var drain = begun(standard)
    _ = drain.tick(at: .seconds(second), open: 50)
    #expect(drain.undrain() == .resume)
    #expect(drain == Drain())
    _ = drain.begin(standard, at: .seconds(200), open: 3)
    _ = drain.force(at: .seconds(201))
    #expect(drain.undrain() == nil)
    #expect(drain.phase == .forcing)
  }

  @Test("a new plan counts from now, keeps the number at the start, and cannot stop the force")
  func replanned() {
    var drain = begun(standard)
    _ = drain.tick(at: .seconds(121), open: 90)
    #expect(drain.begin(DrainPreset.patient.plan, at: .seconds(122), open: 80) == nil)
    #expect(drain.tick(at: .seconds(1921), open: 80) == nil)
    #expect(drain.total == 100)
    #expect(drain.tick(at: .seconds(1922), open: 80) == .closeRest)
    #expect(drain.begin(standard, at: .seconds(1922), open: 80) == nil)
    #expect(drain.tick(at: .seconds(1922), open: 80) == .stop)
  }

  @Test("now closes all on its first tick and gives them two seconds")
  func now() {
    var drain = begun(DrainPreset.now.plan)
    #expect(drain.tick(at: .seconds(100), open: 100) == .closeRest)
    #expect(drain.tick(at: .seconds(101), open: 100) == nil)
    #expect(drain.tick(at: .seconds(102), open: 1) == .stop)
  }

  @Test(
    "whatever happens, the sum of what is asked never exceeds what was open, and it ends", arguments: 0..<200)
  func anything(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var drain = Drain()
    var open = Int.random(in: 0...500, using: &random)
    let start = open
    let plan = DrainPlan(
      wait: .milliseconds(Int.random(in: 0...3000, using: &random)),
      pace: .milliseconds(Int.random(in: 0...3000, using: &random)),
      force: .milliseconds(Int.random(in: 0...3000, using: &random)))
    var now = Duration.zero
    _ = drain.begin(plan, at: now, open: open)
    var asked = 0
    var stopped = false
    while now < .seconds(20) && !stopped {
      switch drain.tick(at: now, open: open) {
      case .close(let number):
        #expect(number > 0, "seed \(seed)")
        asked += number
        open -= min(open, Int.random(in: 0...number, using: &random))
      case .closeRest: open -= Int.random(in: 0...open, using: &random)
      case .stop: stopped = true
      case .announce, .resume: Issue.record("nobody asked for this, seed \(seed)")
      case nil: open -= min(open, Int.random(in: 0...2, using: &random))
      }
      now += .milliseconds(Int.random(in: 1...250, using: &random))
    }
    #expect(stopped, "seed \(seed)")
    #expect(asked <= start, "seed \(seed)")
    #expect(now <= plan.total + .seconds(1), "seed \(seed)")
  }
}
