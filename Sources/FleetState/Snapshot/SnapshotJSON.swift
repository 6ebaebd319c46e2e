package import JSONText

/// The one schema of `wsconsole status --json` and `GET /status`. More members may come; these stay.
extension Snapshot {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("schema", 1)
    json.member("status", scope == .fleet && redis == .up && !hosts.isEmpty ? "ok" : "degraded")
    json.member("namespace", namespace.text)
    json.member("time", time)
    json.member("scope", scope.rawValue)
    json.object("redis") {
      $0.member("state", redis.rawValue)
      $0.member("round_trip_us", redisMicros)
      $0.member("epoch", orNull: epoch?.text)
    }
    json.object("totals") {
      $0.member("hosts", hosts.count)
      $0.member("workers", workers)
      $0.member("sockets", sockets.total)
      $0.halls(sockets)
      $0.traffic(traffic)
    }
    json.array("hosts") { list in
      for host in hosts { host.write(to: &list) }
    }
    json.endObject()
  }
}

extension Snapshot.Host {
  fileprivate func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("id", record.id.text)
    json.member("address", record.address)
    json.member("pid", record.pid)
    json.member("build", record.build)
    json.member("started", record.started)
    json.member("state", record.state.rawValue)
    json.member("redis", record.redis.rawValue)
    json.array("listen") { list in
      for address in record.listen { list.string(address) }
    }
    json.member("sockets", sockets.total)
    json.halls(sockets)
    json.member("slots", record.workers)
    json.member("restarts", record.restarts)
    json.member("crashes", record.crashes)
    json.object("totals") { $0.traffic(record.totals) }
    json.drain(record.drain)
    json.roll(record.roll)
    json.sample(sample)
    json.array("workers") { list in
      for worker in workers { list.worker(worker) }
    }
    json.endObject()
  }
}

extension JSONWriter {
  fileprivate mutating func worker(_ worker: WorkerRecord) {
    beginObject()
    member("slot", worker.slot)
    member("pid", worker.pid)
    member("generation", worker.generation)
    member("state", worker.state.rawValue)
    member("sockets", worker.sockets.total)
    halls(worker.sockets)
    object("totals") { $0.traffic(worker.traffic) }
    object("errors") { errors in
      for (kind, count) in worker.errors.sorted(by: { $0.key < $1.key }) { errors.member(kind, count) }
    }
    object("lag_us") {
      $0.member("p99", worker.lagP99Micros)
      $0.member("max", worker.lagMaxMicros)
    }
    member("memory", worker.memoryBytes)
    member("slow_consumers", worker.slowConsumers)
    member("redis", worker.redis.rawValue)
    if let ledger = worker.ledger {
      object("drain") { $0.ledger(ledger) }
    } else {
      name("drain")
      null()
    }
    endObject()
  }

  fileprivate mutating func halls(_ sockets: PerHall) {
    object("halls") { halls in
      for hall in Hall.allCases { halls.member(hall.name, sockets[hall]) }
    }
  }

  fileprivate mutating func traffic(_ traffic: Traffic) {
    member("accepted", traffic.accepted)
    member("messages_in", traffic.messagesIn)
    member("messages_out", traffic.messagesOut)
    member("bytes_in", traffic.bytesIn)
    member("bytes_out", traffic.bytesOut)
    member("deliveries", traffic.deliveries)
  }

  fileprivate mutating func sample(_ sample: Sample?) {
    guard let sample else {
      name("rates")
      null()
      return
    }
    object("rates") {
      $0.member("accepted", sample.acceptedPerSecond)
      $0.member("messages_in", sample.messagesInPerSecond)
      $0.member("messages_out", sample.messagesOutPerSecond)
      $0.member("bytes_in", sample.bytesInPerSecond)
      $0.member("bytes_out", sample.bytesOutPerSecond)
      $0.member("deliveries", sample.deliveriesPerSecond)
      $0.member("errors", sample.errorsPerSecond)
    }
  }

  fileprivate mutating func drain(_ drain: DrainProgress?) {
    guard let drain else {
      name("drain")
      null()
      return
    }
    object("drain") {
      $0.member("phase", drain.phase.rawValue)
      $0.member("preset", orNull: drain.preset?.text)
      $0.member("open", drain.open)
      $0.member("total", drain.total)
      $0.member("remaining_ms", drain.remaining.wholeMilliseconds)
      $0.object("ledger") { $0.ledger(drain.ledger) }
    }
  }

  fileprivate mutating func roll(_ roll: RollProgress?) {
    guard let roll else {
      name("roll")
      null()
      return
    }
    object("roll") { $0.roll(roll) }
  }

  /// The members of a roll's progress, inside an object that is open.
  package mutating func roll(_ roll: RollProgress) {
    member("kind", roll.kind.rawValue)
    member("phase", roll.phase.rawValue)
    member("way", roll.way.rawValue)
    if let slot = roll.slot {
      member("slot", slot)
    } else {
      name("slot")
      null()
    }
    member("done", roll.done)
    member("of", roll.of)
    member("sockets", roll.sockets)
    member("handed", roll.handed)
    member("longest_freeze_us", roll.longestFreezeMicros)
    member("spent_ms", roll.spent.wholeMilliseconds)
    member("reason", orNull: roll.reason.isEmpty ? nil : roll.reason)
  }

  /// The members of a ledger, inside an object that is open.
  package mutating func ledger(_ ledger: Ledger) {
    member("start", ledger.start)
    for bucket in Ledger.Bucket.allCases { member(bucket.rawValue, ledger[bucket]) }
  }
}
