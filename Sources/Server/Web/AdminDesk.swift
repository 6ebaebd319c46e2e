import Bytes
import EventLoop
import FleetState
import JSONText
import RedisClient
import WireProtocol

/// `POST /admin/…`: an operator's command over HTTP. It goes the way of every command, through `control`, and the
/// answer is what the host says on `events`.
final class AdminDesk {
  private struct Pending {
    let stream: StreamID
    let command: ControlCommand
    /// Who has to answer before we do.
    let host: Name
    let timer: TimerID
    var since = ""
  }

  var complete: ((StreamID, Response) -> Void)?

  private let loop: EventLoop
  private let redis: Redis
  private let keys: RedisKeys
  private let host: Name
  private var pending: [Name: Pending] = [:]

  /// A command nobody has read by then must not wake up later.
  private static let patience = Duration.seconds(5)
  private static let lookEvery = Duration.milliseconds(20)
  private static let mostPending = 16

  init(_ loop: EventLoop, redis: Redis, keys: RedisKeys, host: Name) {
    self.loop = loop
    self.redis = redis
    self.keys = keys
    self.host = host
  }

  func take(_ verb: ControlCommand.Verb, _ request: Request, _ stream: StreamID, from peer: String)
    -> Desk.Reply
  {
    let wish: AdminWish
    do throws(AdminWish.Refusal) { wish = try AdminWish(verb, request.body.span) } catch {
      return .now(.problem(.unprocessableContent, error.reason))
    }
    guard redis.isReady, pending.count < Self.mostPending, let id = Name(String(Machine.random(), radix: 36))
    else {
      let reason = redis.isReady ? "too many commands are under way" : "Redis is \(redis.health.rawValue)"
      return .now(.problem(.serviceUnavailable, reason).retrying(after: 2))
    }
    let command = ControlCommand(
      id: id, verb: verb, target: wish.target ?? .host(host), preset: wish.preset, issuer: "http \(peer)")
    let timer = loop.after(Self.patience) { [weak self] in self?.giveUp(id) }
    pending[id] = Pending(stream: stream, command: command, host: answerer(of: command.target), timer: timer)
    redis.send(command, within: Self.patience, to: keys.control) { [weak self] in self?.sent(id, $0) }
    return .later
  }

  /// Of a command for all, this host's answer is the one to wait for: the others have their own lines in the timeline.
  private func answerer(of target: ControlCommand.Target) -> Name {
    switch target {
    case .all: host
    case .host(let one), .worker(let one, _): one
    }
  }

  private func sent(_ id: Name, _ answer: Redis.Answer) {
    switch answer {
    case .success(let value):
      pending[id]?.since = value.text.flatMap { EntryID($0) }.map { "\($0.milliseconds)" } ?? "-"
      look(id)
    case .failure(let error):
      finish(id, .problem(.serviceUnavailable, "not sent: \(error)").retrying(after: 2))
    }
  }

  private func look(_ id: Name) {
    guard let since = pending[id]?.since else { return }
    redis.send("XRANGE", keys.events, since, "+", "COUNT", "1000") { [weak self] in self?.read(id, $0) }
  }

  private func read(_ id: Name, _ answer: Redis.Answer) {
    guard let entry = pending[id] else { return }
    let events = ((try? answer.get())?.entries ?? []).compactMap { FleetEvent(Fields($0.fields)) }
    let answers = events.filter { $0.command == id && $0.answer != nil }
    switch answers.first(where: { $0.host == entry.host })?.answer {
    case nil: loop.after(Self.lookEvery) { [weak self] in self?.look(id) }
    case .done: finish(id, Self.accepted(entry.command, answers))
    case .refused(let reason): finish(id, .problem(.conflict, reason, command: id))
    }
  }

  private func giveUp(_ id: Name) {
    guard let host = pending[id]?.host else { return }
    finish(id, .problem(.gatewayTimeout, "\(host) has not answered", command: id))
  }

  private func finish(_ id: Name, _ response: Response) {
    guard let entry = pending.removeValue(forKey: id) else { return }
    loop.cancel(entry.timer)
    complete?(entry.stream, response)
  }

  // MARK: Words

  private static func accepted(_ command: ControlCommand, _ answers: [FleetEvent]) -> Response {
    var body = JSONWriter(style: .spaced)
    body.beginObject()
    body.member("command", command.id.text)
    body.member("verb", command.verb.rawValue)
    body.member("target", command.target.text)
    body.array("answers") { list in
      for event in answers {
        list.beginObject()
        list.member("host", event.host.text)
        switch event.answer {
        case .refused(let reason):
          list.member("answer", "refused")
          list.member("reason", reason)
        case .done, nil: list.member("answer", "done")
        }
        list.endObject()
      }
    }
    body.endObject()
    return .json(.accepted, body.bytes)
  }
}
