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

  package func host(_ id: Name) -> String { prefix + "host:\(id)" }
  package func worker(_ host: Name, slot: Int) -> String { prefix + "worker:\(host):\(slot)" }
  package func sockets(_ host: Name, slot: Int) -> String { prefix + "sockets:\(host):\(slot)" }
  package func bus(_ partition: Int) -> String { prefix + "bus:\(partition)" }
  package func session(_ id: Name) -> String { prefix + "session:\(id)" }
  package func client(_ id: ClientID) -> String { prefix + "client:\(id)" }
  package func task(_ id: Name) -> String { prefix + "task:\(id)" }
}
