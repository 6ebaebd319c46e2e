import CommandLine
import Measurement

/// One question to the lab with all its answers.
struct HerdTrial {
  struct Way {
    let name: String
    let outcome: HerdSimulation.Outcome
  }

  let clients: Int
  let seed: UInt64
  let share: Double
  let model: ServerModel
  /// Nil without `--calibrate`; false when that run's herd was too small to show what the server can do.
  let showsLimit: Bool?
  let ways: [Way]
  let advice: HerdAdvice

  init(_ options: HerdOptions) throws {
    clients = options.clients
    seed = options.seed
    share = options.share
    let calibration = try options.calibration.map { try Self.calibrate(by: $0, options) }
    let model = options.adapted(calibration?.model ?? options.model)
    let advice = HerdAdvice(clients: clients, on: model, share: share, seed: seed)
    let (clients, seed) = (clients, seed)
    ways = options.ways.map { way in
      guard let policy = way.policy else {
        return Way(name: "slots:\(HerdOptions.show(advice.window))", outcome: advice.outcome)
      }
      return Way(
        name: way.name, outcome: HerdSimulation.run(clients: clients, policy, on: model, seed: seed))
    }
    showsLimit = calibration?.isFull
    self.model = model
    self.advice = advice
  }

  private static func calibrate(by path: String, _ options: HerdOptions) throws -> HerdCalibration {
    let run = try SavedRun.read(path)
    let text = run.reconnect
    guard let policy = HerdOptions.policy(ofRun: text) else {
      throw UsageError(
        "\(path): its sockets came back '\(text)', and only jitter or a fixed time can be simulated")
    }
    let calibration = HerdCalibration(
      connect: run.histogram("connect"), back: run.histogram("reconnect"), policy: policy,
      base: options.model,
      seed: options.seed)
    guard let calibration else {
      throw UsageError(
        "\(path): fewer than \(HerdCalibration.fewest) sockets came back in it: they are no herd")
    }
    return calibration
  }
}
