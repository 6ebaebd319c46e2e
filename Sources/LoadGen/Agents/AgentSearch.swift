import FleetState
import RedisClient

/// Who waits in Redis, and taking hold of some of them so that no other run does.
extension Redis {
  private static var mostAgents: Int { 1000 }

  /// Those that live and are of our version, by name.
  func findAgents(_ keys: RedisKeys, version: String, _ done: @escaping ([AgentRecord]) -> Void) {
    send("SMEMBERS", keys.loadAgents) { [weak self] answer in
      let ids = ((try? answer.get())?.elements ?? []).compactMap { $0.text.flatMap { Name($0) } }
      self?.read(ids.sorted().prefix(Self.mostAgents)[...], [], keys) { records in
        done(records.filter { $0.version == version })
      }
    }
  }

  private func read(
    _ ids: ArraySlice<Name>, _ found: [AgentRecord], _ keys: RedisKeys,
    _ done: @escaping ([AgentRecord]) -> Void
  ) {
    guard let id = ids.first else { return done(found) }
    send("GET", keys.loadAgent(id)) { [weak self] answer in
      let record = (try? answer.get())?.text.flatMap { AgentRecord($0) }
      // Its lease is over: nobody has to ask again.
      if case .success(.null) = answer { self?.send("SREM", keys.loadAgents, id.text) }
      self?.read(ids.dropFirst(), found + (record.map { [$0] } ?? []), keys, done)
    }
  }

  /// The first `wanted` that no other run holds.
  func claimAgents(
    _ records: [AgentRecord], for run: Name, wanted: Int, _ keys: RedisKeys,
    _ done: @escaping ([AgentRecord]) -> Void
  ) {
    claim(records[...], [], run, wanted, keys, done)
  }

  private func claim(
    _ records: ArraySlice<AgentRecord>, _ claimed: [AgentRecord], _ run: Name, _ wanted: Int,
    _ keys: RedisKeys,
    _ done: @escaping ([AgentRecord]) -> Void
  ) {
    guard let record = records.first, claimed.count < wanted else { return done(claimed) }
    let lease = "\(AgentRecord.lease.milliseconds)"
    send("SET", keys.loadClaim(record.id), run.text, "NX", "PX", lease) { [weak self] answer in
      let isOurs = (try? answer.get())?.text == "OK"
      self?.claim(records.dropFirst(), claimed + (isOurs ? [record] : []), run, wanted, keys, done)
    }
  }

  func releaseAgents(_ records: [AgentRecord], _ keys: RedisKeys) {
    for record in records { send("DEL", keys.loadClaim(record.id)) }
  }
}
