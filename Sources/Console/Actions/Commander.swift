import EventLoop
import FleetState
import RedisClient

/// Sends commands to the fleet and matches the answers that come as events.
final class Commander {
  struct Pending {
    let command: ControlCommand
    var waitingFor: Set<Name>
    var answers: [(host: Name, answer: FleetEvent.Answer)] = []
    let done: ([(host: Name, answer: FleetEvent.Answer)], _ silent: [Name]) -> Void
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

  /// `done` has every host's answer, and the hosts that gave none in time.
  func send(
    _ verb: ControlCommand.Verb, to target: ControlCommand.Target, hosts: [Name], preset: DrainPreset? = nil,
    done: @escaping ([(host: Name, answer: FleetEvent.Answer)], _ silent: [Name]) -> Void,
    failed: @escaping (String) -> Void
  ) {
    guard let id = Name(String(Machine.random(), radix: 36)) else { return }
    let deadline = WallClock.unixMilliseconds + Self.patience.components.seconds * 1000
    let command = ControlCommand(
      id: id, verb: verb, target: target, preset: preset, deadline: deadline, issuer: Self.issuer)
    pending[id] = Pending(
      command: command, waitingFor: Set(hosts.filter { target.includes($0) }), done: done)
    redis.send(["XADD", keys.control, "*"] + command.fields.list.flatMap { [$0.name, $0.value] }) {
      [weak self] answer in
      if case .failure(let error) = answer {
        self?.pending[id] = nil
        failed("\(error)")
      }
    }
    loop.after(Self.patience) { [weak self] in self?.giveUp(id) }
  }

  func heard(_ event: FleetEvent) {
    guard let id = event.command, let answer = event.answer, pending[id] != nil else { return }
    pending[id]?.answers.append((event.host, answer))
    pending[id]?.waitingFor.remove(event.host)
    if pending[id]?.waitingFor.isEmpty == true { giveUp(id) }
  }

  private func giveUp(_ id: Name) {
    guard let entry = pending.removeValue(forKey: id) else { return }
    entry.done(entry.answers, entry.waitingFor.sorted())
  }

  private static var issuer: String {
    let environment = Environment.values
    return "\(environment["USER"] ?? environment["LOGNAME"] ?? "someone")@\(Machine.hostName)"
  }
}
