import Bytes
import EventLoop
import FleetState

/// `/metrics` in Prometheus' text format: the host's figures, each worker counted once, whoever answers.
struct MetricsPage: ~Copyable {
  private var page = ByteBuffer(capacity: 4096)

  /// `mostSockets`: the host's limit, if it has one.
  static func render(_ board: Board, host: Name, mostSockets: Int?, now: Moment) -> [UInt8] {
    var metrics = MetricsPage()
    metrics.build(host)
    metrics.older(board)
    metrics.traffic(board)
    if let mostSockets {
      metrics.gauge("sluice_sockets_limit", "Sockets this host may have.", UInt64(clamping: mostSockets))
    }
    metrics.tasks(board)
    metrics.workers(board)
    metrics.gates(board)
    metrics.redis(board, now)
    metrics.drain(board)
    return metrics.page.bytes.copied()
  }

  private mutating func build(_ host: Name) {
    head("sluice_build_info", "gauge", "1; which build answers, and which host it is.")
    sample("sluice_build_info", "host=\"\(host)\",version=\"\(Build.version)\"", 1)
  }

  /// The names dashboards of the older projects already draw.
  private mutating func older(_ board: Board) {
    gauge("websocket_active_connections", "Sockets open on this host.", board.sockets)
    counter("websocket_messages_total", "Messages received from clients.", sum(board) { $0.messagesIn })
    head("websocket_errors_total", "counter", "What went wrong, by kind.")
    for kind in ErrorKind.allCases {
      sample(
        "websocket_errors_total", "error_type=\"\(kind.label)\"", sum(board) { $0.errors[kind.rawValue] })
    }
    durations(board)
    gauge(
      "websocket_shutdown_time_seconds", "How long the present drain has taken, or the last one took.",
      seconds: board.host.lastDrainMilliseconds * 1000)
  }

  private mutating func durations(_ board: Board) {
    let name = "websocket_connection_duration_seconds"
    head(name, "histogram", "How long sockets lived.")
    var below: UInt64 = 0
    for (index, bound) in DurationBuckets.bounds.enumerated() {
      below &+= sum(board) { $0.durations[index] }
      sample("\(name)_bucket", "le=\"\(bound)\"", below)
    }
    let all = below &+ sum(board) { $0.durations[DurationBuckets.bounds.count] }
    sample("\(name)_bucket", "le=\"+Inf\"", all)
    line("\(name)_sum", nil, Self.decimal(microseconds: sum(board) { $0.durationMicroseconds }))
    sample("\(name)_count", nil, all)
  }

  private mutating func traffic(_ board: Board) {
    head("sluice_sockets", "gauge", "Sockets open on this host, by hall.")
    for hall in Hall.allCases {
      sample("sluice_sockets", "hall=\"\(hall.name)\"", board.sockets(in: hall))
    }
    counter("sluice_accepted_total", "Connections accepted.", sum(board) { $0.accepted })
    counter("sluice_upgrades_total", "Handshakes completed.", sum(board) { $0.upgrades })
    counter("sluice_http_requests_total", "HTTP requests, upgrades included.", sum(board) { $0.requests })
    counter("sluice_messages_sent_total", "Messages sent to clients.", sum(board) { $0.messagesOut })
    counter("sluice_deliveries_total", "Messages of others, by receiver.", sum(board) { $0.deliveries })
    counter("sluice_published_total", "Messages given to the bus.", sum(board) { $0.published })
    counter("sluice_bytes_received_total", "Bytes from clients.", sum(board) { $0.bytesIn })
    gauge("sluice_socket_bytes", "What sockets held when that was last looked at.", board.socketBytes)
    counter("sluice_bytes_sent_total", "Bytes to clients.", sum(board) { $0.bytesOut })
    counter(
      "sluice_slow_consumers_total", "Sockets closed because they did not read.",
      sum(board) { $0.slowConsumers })
  }

  private mutating func tasks(_ board: Board) {
    counter("sluice_tasks_accepted_total", "Tasks taken in.", sum(board) { $0.tasks.accepted })
    counter("sluice_tasks_turned_away_total", "Tasks answered 503.", sum(board) { $0.tasks.turnedAway })
    counter("sluice_tasks_begun_total", "Attempts begun here.", sum(board) { $0.tasks.begun })
    counter("sluice_tasks_done_total", "Tasks done here.", sum(board) { $0.tasks.done })
    counter(
      "sluice_tasks_retried_total", "Attempts that failed and are repeated.", sum(board) { $0.tasks.retried })
    counter("sluice_tasks_failed_total", "Tasks given up.", sum(board) { $0.tasks.failed })
    counter(
      "sluice_tasks_claimed_total", "Tasks taken over from a worker that no longer showed itself.",
      sum(board) { $0.tasks.claimed })
    gauge("sluice_tasks_running", "Tasks this host is at.", sum(board) { $0.tasks.running })
    // Each worker has heard it of the same Redis; one that rests knows nothing.
    let unfinished = (0..<board.slotCount).map { board[$0].tasks.unfinished }.max() ?? 0
    gauge("sluice_tasks_unfinished", "Tasks of the fleet that are not over.", unfinished)
  }

  private mutating func workers(_ board: Board) {
    head("sluice_slots", "gauge", "Worker slots, by state.")
    for state in WorkerRecord.State.allCases {
      let count = (0..<board.slotCount).count { board[$0].state.recorded == state }
      sample("sluice_slots", "state=\"\(state.rawValue)\"", UInt64(count))
    }
    if let guarded = board.host.guarded {
      gauge("sluice_guarded_slots", "Slots whose standby would go on at once.", UInt64(clamping: guarded))
    }
    head("sluice_worker_sockets", "gauge", "Sockets of a worker.")
    for slot in 0..<board.slotCount {
      sample("sluice_worker_sockets", "slot=\"\(slot)\"", board[slot].sockets)
    }
    head("sluice_worker_loop_lag_seconds", "gauge", "Longest turn of a worker's loop in the last second.")
    for slot in 0..<board.slotCount {
      line(
        "sluice_worker_loop_lag_seconds", "slot=\"\(slot)\"",
        Self.decimal(microseconds: board[slot].loopLagMicroseconds))
    }
    head("sluice_worker_resident_bytes", "gauge", "Memory of a worker.")
    for slot in 0..<board.slotCount {
      sample("sluice_worker_resident_bytes", "slot=\"\(slot)\"", board[slot].residentBytes)
    }
    head("sluice_worker_cpu_seconds_total", "counter", "CPU time of a worker since it started.")
    for slot in 0..<board.slotCount {
      line(
        "sluice_worker_cpu_seconds_total", "slot=\"\(slot)\"",
        Self.decimal(microseconds: board[slot].cpuMicroseconds))
    }
    counter("sluice_worker_crashes_total", "Workers that ended unasked.", board.host.crashes)
    counter(
      "sluice_takeovers_total", "Times another process went on with a worker's sockets.", board.host.restarts)
    counter("sluice_handed_over_sockets_total", "Sockets that went on so.", board.host.handedOver)
    gauge(
      "sluice_takeover_seconds", "How long the last ones stood still for it.",
      seconds: board.host.lastTakeoverMicroseconds)
  }

  private mutating func gates(_ board: Board) {
    gauge("sluice_gate_clients", "Clients of the wss listeners.", board.gates { $0.open })
    counter("sluice_gate_accepted_total", "Connections to the wss listeners.", board.gates { $0.accepted })
    counter("sluice_tls_handshakes_total", "TLS handshakes completed.", board.gates { $0.shaken })
    head("sluice_gate_failures_total", "counter", "Clients who did not come through the gate, by cause.")
    for failure in GateFailure.allCases {
      sample(
        "sluice_gate_failures_total", "cause=\"\(failure.label)\"",
        board.gates { $0.failures[failure.rawValue] })
    }
    counter("sluice_gate_bytes_received_total", "Encrypted bytes from clients.", board.gates { $0.bytesIn })
    counter("sluice_gate_bytes_sent_total", "Encrypted bytes to clients.", board.gates { $0.bytesOut })
    // Without a wss listener there is none.
    if board.host.certificateEnd > 0 {
      gauge(
        "sluice_certificate_expiry_timestamp_seconds", "When the certificate ends.", board.host.certificateEnd
      )
    }
    gauge("sluice_gate_resident_bytes", "Memory of the gates.", board.gates { $0.residentBytes })
    head("sluice_gate_cpu_seconds_total", "counter", "CPU time of the gates that run.")
    line("sluice_gate_cpu_seconds_total", nil, Self.decimal(microseconds: board.gates { $0.cpuMicroseconds }))
    counter("sluice_gate_crashes_total", "Gates that ended unasked.", board.host.gateCrashes)
  }

  private mutating func redis(_ board: Board, _ now: Moment) {
    let global = board.globalSockets(at: now)
    gauge("sluice_redis_up", "1 while Redis answers, 0 while degraded.", global == nil ? 0 : 1)
    head("sluice_redis_state", "gauge", "1 for how Redis is doing, by name.")
    for health in RedisHealth.allCases {
      sample("sluice_redis_state", "state=\"\(health.rawValue)\"", board.redisHealth == health ? 1 : 0)
    }
    gauge(
      "sluice_redis_round_trip_seconds", "How long its last answer took.",
      seconds: board.host.redisRoundTripMicroseconds)
    // A count nobody knows is left out, not guessed.
    if let global { gauge("sluice_fleet_sockets", "Sockets open on all hosts.", global) }
  }

  private mutating func drain(_ board: Board) {
    if board.host.drainDeadline > 0 {
      gauge(
        "sluice_drain_deadline_timestamp_seconds", "When the present drain has to be over.",
        board.host.drainDeadline)
    }
    let share = board.drain
    head("sluice_drain_sockets", "gauge", "The ledger of the last drain.")
    sample("sluice_drain_sockets", "part=\"start\"", share.start)
    sample("sluice_drain_sockets", "part=\"left\"", share.left)
    sample("sluice_drain_sockets", "part=\"moved\"", share.moved)
    sample("sluice_drain_sockets", "part=\"paced\"", share.paced)
    sample("sluice_drain_sockets", "part=\"forced\"", share.forced)
    sample("sluice_drain_sockets", "part=\"lost\"", share.lost)
  }

  // MARK: Lines

  private func sum(_ board: Board, _ figure: (SlotCounters) -> UInt64) -> UInt64 {
    (0..<board.slotCount).reduce(0) { $0 &+ figure(board[$1]) }
  }

  private mutating func gauge(_ name: String, _ help: String, _ value: UInt64) {
    head(name, "gauge", help)
    sample(name, nil, value)
  }

  private mutating func gauge(_ name: String, _ help: String, seconds microseconds: UInt64) {
    head(name, "gauge", help)
    line(name, nil, Self.decimal(microseconds: microseconds))
  }

  private mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
    head(name, "counter", help)
    sample(name, nil, value)
  }

  private mutating func head(_ name: String, _ type: String, _ help: String) {
    page.append("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n")
  }

  private mutating func sample(_ name: String, _ labels: String?, _ value: UInt64) {
    line(name, labels, String(value))
  }

  private mutating func line(_ name: String, _ labels: String?, _ value: String) {
    page.append(name)
    if let labels { page.append("{\(labels)}") }
    page.append(" ")
    page.append(value)
    page.append("\n")
  }

  private static func decimal(microseconds: UInt64) -> String {
    let fraction = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.utf8.count))\(fraction)"
  }
}
