/// The fleet at one moment, as far as its records tell: what the console draws and `/status` answers.
package struct Snapshot: Equatable, Sendable {
  package struct Host: Equatable, Sendable {
    package var record: HostRecord
    /// By slot.
    package var workers: [WorkerRecord]
    package var sample: Sample?

    package init(record: HostRecord, workers: [WorkerRecord] = [], sample: Sample? = nil) {
      self.record = record
      self.workers = workers
      self.sample = sample
    }

    package var sockets: PerHall { workers.reduce(into: PerHall()) { $0 += $1.sockets } }
  }

  /// How far the hosts listed here are all there are.
  package enum Scope: String, Sendable {
    case fleet
    /// Redis is away, and this host speaks only for itself.
    case host
  }

  package var namespace: Name
  /// Unix time in milliseconds.
  package var time: Int64
  package var scope: Scope
  package var redis: RedisHealth
  package var redisMicros: Int
  package var epoch: Epoch?
  /// By id.
  package var hosts: [Host]

  package init(
    namespace: Name, time: Int64, scope: Scope = .fleet, redis: RedisHealth, redisMicros: Int = 0,
    epoch: Epoch? = nil, hosts: [Host] = []
  ) {
    self.namespace = namespace
    self.time = time
    self.scope = scope
    self.redis = redis
    self.redisMicros = redisMicros
    self.epoch = epoch
    self.hosts = hosts
  }

  /// Puts records together as they were read. A worker without its host's record is left out: its host's lease is
  /// over, and its own soon will be.
  package mutating func join(hosts: [HostRecord], workers: [WorkerRecord], samples: [Sample] = []) {
    self.hosts = hosts.sorted { $0.id < $1.id }.map { record in
      Host(
        record: record,
        workers: workers.filter { $0.host == record.id }.sorted { $0.slot < $1.slot },
        sample: samples.last { $0.host == record.id })
    }
  }

  package var sockets: PerHall { hosts.reduce(into: PerHall()) { $0 += $1.sockets } }

  package var traffic: Traffic { hosts.reduce(into: Traffic()) { $0 += $1.record.totals } }

  package var tasks: TaskTally { hosts.flatMap(\.workers).reduce(into: TaskTally()) { $0 += $1.tasks } }

  package var workers: Int { hosts.reduce(0) { $0 + $1.workers.count } }
}
