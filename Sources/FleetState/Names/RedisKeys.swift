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
  package var control: String { prefix + "control" }
  package var events: String { prefix + "events" }
  package var samples: String { prefix + "samples" }
  /// Written and taken away again by whoever looks whether that can be done.
  package var doctor: String { prefix + "doctor" }

  package func host(_ id: Name) -> String { prefix + "host:\(id)" }
  package func worker(_ host: Name, slot: Int) -> String { prefix + "worker:\(host):\(slot)" }
  package func sockets(_ host: Name, slot: Int) -> String { prefix + "sockets:\(host):\(slot)" }
  package func bus(_ partition: Int) -> String { prefix + "bus:\(partition)" }
  /// A session of `sluice.v1` bears any name.
  package func session(_ id: ClientID) -> String { prefix + "session:\(id)" }
  package func client(_ id: ClientID) -> String { prefix + "client:\(id)" }
  package func task(_ id: Name) -> String { prefix + "task:\(id)" }
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
