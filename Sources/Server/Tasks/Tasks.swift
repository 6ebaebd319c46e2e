import EventLoop
import FleetState
import RedisClient

/// A worker slot's dealings with tasks: who takes them in, who runs them, who tells of them.
struct Tasks {
  let queue: TaskQueue
  let desk: TaskDesk
  let runner: TaskRunner
  let hall: TasksHall

  init(
    _ sockets: Sockets, bus: Bus, redis: Redis, endpoint: RedisEndpoint, keys: RedisKeys,
    terms: TaskRunner.Terms, log: Log
  ) {
    let slot = sockets.slot
    queue = TaskQueue(redis, keys: keys, host: bus.publisher.address.host, slot: slot)
    let reader = TaskReader(sockets.loop, queue: queue, key: keys.tasks, most: terms.room, log: log) {
      Redis(sockets.loop, endpoint: endpoint, name: "sluice-tasks-\(slot)")
    }
    runner = TaskRunner(sockets, queue: queue, reader: reader, terms: terms)
    desk = TaskDesk(queue, board: sockets.board, slot: slot, terms: terms)
    hall = TasksHall(sockets, bus: bus, queue: queue)
  }

  func open(resting: Bool) {
    runner.open(resting: resting)
    connected()
  }

  /// Redis takes commands (again).
  func connected() {
    runner.connected()
    hall.lookAgain()
  }
}
