import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// Everybody of a worker who answers requests, and the desk through which those answer who need a while.
final class Offices {
  let answers: Answers
  let broadcasts: Broadcasts
  private let status: Status
  private let admin: AdminDesk
  private let tasks: TaskDesk
  private let sockets: Sockets
  private let log: Log
  private var broadcastLines = Brevity(perSecond: 10)

  struct Terms {
    var answers: Answers.Terms
    var hasOwnRedis: Bool
  }

  init(
    _ sockets: Sockets, bus: Bus, redis: Redis, keys: RedisKeys, reception: Reception, tasks: TaskDesk,
    terms: Terms, log: Log
  ) {
    self.sockets = sockets
    self.tasks = tasks
    self.log = log
    let (loop, board, host) = (sockets.loop, sockets.board, terms.answers.host)
    broadcasts = Broadcasts(bus.publisher, redis: redis, keys: keys, board: board, loop: loop)
    status = Status(
      loop, redis: redis, keys: keys, board: board, host: host,
      mode: terms.hasOwnRedis ? .embedded : .external)
    admin = AdminDesk(loop, redis: redis, keys: keys, host: host)
    answers = Answers(sockets, terms: terms.answers)
    answers.broadcast = { [unowned self] in broadcasts.take($0, $1) }
    answers.status = { [unowned self] in status.take($0) }
    answers.admin = { [unowned self] in admin.take($0, $1, $2, from: sockets.peerName(of: $2)) }
    answers.tasks = { [unowned self] in self.tasks.take($0, $1, $2) }
    answers.porter = reception.porter
    answers.clients = { [unowned reception] in reception.answers.answer($0, $1, $2) }
  }

  /// Set by the worker: whether a drain is on.
  func connect(to desk: Desk, isDraining: @escaping () -> Bool) {
    desk.answer = { [unowned self] in answers.answer($0, $1) }
    answers.isDraining = isDraining
    tasks.isDraining = isDraining
    tasks.complete = { [unowned desk] in desk.complete($0, $1) }
    status.complete = { [unowned desk] in desk.complete($0, $1) }
    admin.complete = { [unowned desk] in desk.complete($0, $1) }
    broadcasts.complete = { [unowned self, unowned desk] stream, response in
      if let remark = broadcastLines.remark(at: sockets.loop.now) {
        log.info("broadcast: \(response.status.code)\(remark)", event: "broadcast")
      }
      desk.complete(stream, response)
    }
  }
}
