#if DEBUG
  import Glibc
  import Testing

  /// Every message is answered once, in order, to the byte, wherever the process that serves is killed.
  ///
  /// `SLUICE_CRASH_SEEDS=1000..<2000` runs these seeds instead of the short form; `scripts/soak-takeover` does.
  @Suite(.serialized) struct CrashTests {
    @Test("killed at each step of a small talk", arguments: 1...4 as ClosedRange<UInt64>)
    func eachStep(seed: UInt64) throws {
      let whole = try CrashPlay(.init(seed: seed, deaths: []))
      let calm = try whole.run()
      #expect(calm == nil)
      for step in 1...whole.steps {
        let trouble = try CrashPlay(.init(seed: seed, deaths: [step])).run()
        #expect(trouble == nil, "seed \(seed), killed at step \(step)")
      }
      #expect(whole.steps > 50)
    }

    @Test("killed at each step while answers of megabytes wait", arguments: 1...2 as ClosedRange<UInt64>)
    func eachStepOfMuch(seed: UInt64) throws {
      let plan = { (deaths: [Int]) in
        var plan = CrashPlay.Plan(seed: seed, deaths: deaths, callers: 1, requests: 3)
        plan.shortestAnswer = 2 << 20
        plan.longestAnswer = 3 << 20
        plan.kernelBuffer = 65_536
        return plan
      }
      let whole = try CrashPlay(plan([])).run()
      #expect(whole == nil)
      for step in 1...45 {
        let trouble = try CrashPlay(plan([step, 3])).run()
        #expect(trouble == nil, "seed \(seed), killed at step \(step)")
      }
    }

    @Test("killed anywhere, once or more often, under answers that wait and messages in pieces")
    func anywhere() throws {
      for seed in Self.seeds {
        let trouble = try CrashPlay(Self.plan(seed)).run()
        #expect(trouble == nil, "seed \(seed): \(Self.plan(seed))")
      }
    }

    private static var seeds: Range<UInt64> {
      guard let text = unsafe getenv("SLUICE_CRASH_SEEDS").map({ unsafe String(cString: $0) }) else {
        return 0..<300
      }
      let bounds = text.split(separator: "..<").compactMap { UInt64($0) }
      guard bounds.count == 2, bounds[0] < bounds[1] else { return 0..<300 }
      return bounds[0]..<bounds[1]
    }

    static func plan(_ seed: UInt64) -> CrashPlay.Plan {
      var random = Random(state: seed)
      let deaths = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        // Short lives as often as long ones, so that many die while they take over.
        1 + Int.random(in: 0..<(1 << Int.random(in: 1...9, using: &random)), using: &random)
      }
      var plan = CrashPlay.Plan(seed: seed, deaths: deaths)
      plan.callers = Int.random(in: 1...5, using: &random)
      plan.requests = Int.random(in: 2...6, using: &random)
      plan.isPlanned = Int.random(in: 0..<4, using: &random) == 0
      switch Int.random(in: 0..<8, using: &random) {
      case 0..<4: break
      case 4..<6:
        plan.kernelBuffer = 4096
        plan.longestAnswer = 60_000
        plan.longestBroadcast = 30_000
      case 6:
        plan.longestRequest = 200_000
        plan.requests = 3
      default:
        plan.kernelBuffer = 65_536
        plan.longestAnswer = 3 << 20
        plan.longestBroadcast = 300_000
        plan.callers = 2
        plan.requests = 3
      }
      return plan
    }
  }
#endif
