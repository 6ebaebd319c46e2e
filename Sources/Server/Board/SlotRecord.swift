import FleetState

extension SlotCounters {
  /// What Redis and `/status` are told of the slot.
  func record(host: Name, slot: Int) -> WorkerRecord {
    var record = WorkerRecord(host: host, slot: slot)
    record.pid = pid
    record.generation = Int(generation)
    record.state = state.recorded
    for hall in Hall.allCases { record.sockets[hall] = Int(clamping: open[Int(hall.rawValue)]) }
    record.traffic = traffic
    record.tasks.running = Int(clamping: tasks.running)
    record.tasks.accepted = Int(clamping: tasks.accepted)
    record.tasks.done = Int(clamping: tasks.done)
    record.tasks.retried = Int(clamping: tasks.retried)
    record.tasks.failed = Int(clamping: tasks.failed)
    for kind in ErrorKind.allCases where errors[kind.rawValue] > 0 {
      record.errors[kind.label] = Int(clamping: errors[kind.rawValue])
    }
    record.lagMaxMicros = Int(clamping: loopLagMicroseconds)
    record.lagP99Micros = record.lagMaxMicros
    record.memoryBytes = Int(clamping: residentBytes)
    record.slowConsumers = Int(clamping: slowConsumers)
    record.ledger = drain.number > 0 ? drain.ledger : nil
    return record
  }
}

extension SlotState {
  var recorded: WorkerRecord.State {
    switch self {
    case .starting: .starting
    case .serving: .serving
    case .draining: .draining
    case .stopped: .stopped
    case .backoff: .backoff
    }
  }
}
