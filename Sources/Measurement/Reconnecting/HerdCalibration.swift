/// The server of a real run, as the model has it: the parameters with which the simulated herd takes as long to be
/// back as the real one did.
public struct HerdCalibration: Equatable, Sendable {
  public let model: ServerModel
  /// False: the run's herd never kept the server busy, which then can do so much at least.
  public let isFull: Bool

  /// A herd of fewer tells nothing.
  public static let fewest = 50

  /// `connect` and `back` are a run's times from connecting to the answer, and from a socket's loss to its return by
  /// `policy`. Nil for a run that lost too few sockets. What no run tells (line, timeout) is as in `base`.
  public init?(connect: Histogram, back: Histogram, policy: ReturnPolicy, base: ServerModel, seed: UInt64) {
    guard back.count >= UInt64(Self.fewest), back.count <= UInt64(HerdSimulation.mostClients) else {
      return nil
    }
    var model = base
    // Sockets that opened by the ramp met a server with nothing else to do.
    if !connect.isEmpty { model.handshake = connect.percentile(10) }
    let clients = Int(back.count)
    func measured(_ rate: Double) -> UInt64 {
      model.acceptsPerSecond = rate
      let outcome = HerdSimulation.run(clients: clients, policy, on: model, seed: seed)
      return outcome.stillAway > 0 ? .max : outcome.back.percentile(90)
    }
    let truth = back.percentile(90)
    let idle = measured(ServerModel.mostAccepts)
    isFull = truth > idle.addingClamped(max(10_000_000, idle / 50))
    // All were served by the time the last was back, so it is no slower than that.
    var low = Double(clients) * 0.5e9 / Double(max(1_000_000, back.max))
    var high =
      isFull ? ServerModel.mostAccepts : Double(clients) * 1e9 / Double(max(1_000_000, back.max - back.min))
    while isFull, high / low > 1.002 {
      let middle = (low * high).squareRoot()
      if measured(middle) > truth { low = middle } else { high = middle }
    }
    model.acceptsPerSecond = high
    self.model = model
  }
}
