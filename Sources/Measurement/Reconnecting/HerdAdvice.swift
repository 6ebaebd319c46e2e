/// Over how long a server should have its clients come back, so that it has something left for those who are there.
public struct HerdAdvice: Equatable, Sendable {
  /// Nanoseconds.
  public let window: UInt64
  public let outcome: HerdSimulation.Outcome

  public var policy: ReturnPolicy { .slots(window: window) }

  /// The shortest window, in tenths of a second, or seconds from a minute on, in which they take no more than `share` of what the server can do.
  public init(clients: Int, on model: ServerModel, share: Double, seed: UInt64) {
    let needed = Double(clients) / (model.acceptsPerSecond * min(max(share, 0.01), 1)) * 1e9
    let step = needed > 60e9 ? 1e9 : 100_000_000
    let window = (needed / step).rounded(.up) * step
    self.window = UInt64(max(window, step))
    outcome = HerdSimulation.run(clients: clients, .slots(window: self.window), on: model, seed: seed)
  }
}
