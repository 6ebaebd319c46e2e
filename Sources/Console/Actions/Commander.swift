import EventLoop
import FleetState
import RedisClient

/// Sends commands to the fleet and matches the answers that come as events.
final class Commander {
  struct Answers {
    let command: Name
    /// When Redis took the command in: what an event tells from then on may be its doing.
    var since: UInt64 = .max
    var given: [(host: Name, answer: FleetEvent.Answer)] = []
    var silent: [Name] = []
  }

  private struct Pending {
    var waitingFor: Set<Name>
    var answers: Answers
    var isSent = false
    let done: (Answers) -> Void
  }

  private let loop: EventLoop
  private let redis: Redis
  private let keys: RedisKeys
  private var pending: [Name: Pending] = [:]

  /// A command nobody has read by then must not wake up later.
  static let patience = Duration.seconds(5)

  init(_ loop: EventLoop, redis: Redis, keys: RedisKeys) {
    self.loop = loop
    self.redis = redis
    self.keys = keys
  }

  /// `done` has every host's answer, and the hosts that gave none in time. Returns the command's id.
  @discardableResult func send(
    _ verb: ControlCommand.Verb, to target: ControlCommand.Target, hosts: [Name], preset: DrainPreset? = nil,
    arguments: [String: String] = [:], done: @escaping (Answers) -> Void, failed: @escaping (String) -> Void
  ) -> Name? {
    guard let id = Name(String(Machine.random(), radix: 36)) else { return nil }
    let command = ControlCommand(
      id: id, verb: verb, target: target, preset: preset, issuer: Self.issuer, arguments: arguments)
    pending[id] = Pending(
      waitingFor: Set(hosts.filter { target.includes($0) }), answers: Answers(command: id), done: done)
    redis.send(command, within: Self.patience, to: keys.control) { [weak self] answer in
      switch answer {
      case .success(let value): self?.sent(id, value.text.flatMap { EntryID($0) })
      case .failure(let error):
        self?.pending[id] = nil
        failed("\(error)")
      }
    }
    loop.after(Self.patience) { [weak self] in self?.giveUp(id) }
    return id
  }

  func heard(_ event: FleetEvent) {
    guard let id = event.command, let answer = event.answer, pending[id] != nil else { return }
    pending[id]?.answers.given.append((event.host, answer))
    pending[id]?.waitingFor.remove(event.host)
    finishIfComplete(id)
  }

  /// The answers come over another connection, so they may be here before.
  private func sent(_ id: Name, _ entry: EntryID?) {
    pending[id]?.isSent = true
    if let entry { pending[id]?.answers.since = entry.milliseconds }
    finishIfComplete(id)
  }

  private func finishIfComplete(_ id: Name) {
    guard let entry = pending[id], entry.isSent, entry.waitingFor.isEmpty else { return }
    giveUp(id)
  }

  private func giveUp(_ id: Name) {
    guard var entry = pending.removeValue(forKey: id) else { return }
    entry.answers.silent = entry.waitingFor.sorted()
    entry.done(entry.answers)
  }

  private static var issuer: String {
    let environment = Environment.values
    return "\(environment["USER"] ?? environment["LOGNAME"] ?? "someone")@\(Machine.hostName)"
  }
}
