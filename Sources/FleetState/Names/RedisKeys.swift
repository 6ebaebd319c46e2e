/// Every key the fleet keeps in Redis (CONTRACT 6). The braces make the namespace a Redis Cluster hash tag, so
/// all keys of one fleet live on one node and a transaction may name several of them.
package struct RedisKeys: Hashable, Sendable {
  package let namespace: Name
  private let prefix: String

  package init(namespace: Name) {
    self.namespace = namespace
    prefix = "sluice:{\(namespace)}:"
  }

  /// The ids of all hosts that ever renewed a lease: where a reader starts, without `KEYS` or `SCAN`.
  package var hosts: String { prefix + "hosts" }
  package var epoch: String { prefix + "epoch" }
  package var tasks: String { prefix + "tasks" }
  /// Tasks whose time is still to come, by that time.
  package var tasksLater: String { prefix + "tasks:later" }
  /// The newest tasks by their birth, whatever became of them.
  package var tasksAll: String { prefix + "tasks:all" }
  /// Those nobody will try again.
  package var tasksDead: String { prefix + "tasks:dead" }
  package var control: String { prefix + "control" }
  package var events: String { prefix + "events" }
  package var samples: String { prefix + "samples" }
  /// Sockets' coming and going, if somebody has asked for it.
  package var lifecycle: String { prefix + "lifecycle" }
  /// Written and taken away again by whoever looks whether that can be done.
  package var doctor: String { prefix + "doctor" }

  /// The ids of all agents of wsload that ever waited here.
  package var loadAgents: String { prefix + "load:agents" }
  /// Leased: what an agent says of itself.
  package func loadAgent(_ id: Name) -> String { prefix + "load:agent:\(id)" }
  /// Leased: the run an agent is held by.
  package func loadClaim(_ id: Name) -> String { prefix + "load:claim:\(id)" }
  /// What an agent is told, and what the agents of a run tell.
  package func loadOrders(_ id: Name) -> String { prefix + "load:orders:\(id)" }
  package func loadReturns(_ run: Name) -> String { prefix + "load:returns:\(run)" }

  package func host(_ id: Name) -> String { prefix + "host:\(id)" }
  package func worker(_ host: Name, slot: Int) -> String { prefix + "worker:\(host):\(slot)" }
  package func sockets(_ host: Name, slot: Int) -> String { prefix + "sockets:\(host):\(slot)" }
  package func bus(_ partition: Int) -> String { prefix + "bus:\(partition)" }
  /// A session of `sluice.v1` bears any name.
  package func session(_ id: ClientID) -> String { prefix + "session:\(id)" }
  package func client(_ id: ClientID) -> String { prefix + "client:\(id)" }
  package func task(_ id: Name) -> String { prefix + "task:\(id)" }
  /// Which task a caller's key has led to. The key may be any text, so it comes last.
  package func taskKey(_ key: String) -> String { prefix + "task-key:\(key)" }
  package func session(_ id: SessionID) -> String { prefix + "session:\(id)" }

  /// What begins every key of `sockets(_:slot:)`, for scripts that make them of a socket's place.
  package var socketsPrefix: String { prefix + "sockets:" }
  /// The names of all groups; each one's members under a key of its own.
  package var groups: String { prefix + "groups" }
  package var groupPrefix: String { prefix + "group:" }
  package func group(_ name: Name) -> String { groupPrefix + name.text }
  package var clientPrefix: String { prefix + "client:" }
  /// The two active keys that sign reconnect tokens, and the nonces of those that were used.
  package var tokens: String { prefix + "tokens" }
  package func usedToken(_ nonce: String) -> String { prefix + "token:\(nonce)" }
  /// What was answered to a broadcast with that idempotency key.
  package func broadcast(_ key: String) -> String { prefix + "broadcast:\(key)" }
}
