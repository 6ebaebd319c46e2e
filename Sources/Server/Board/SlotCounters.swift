import FleetState

/// What one worker slot counts. Written by its worker alone, once each; every process of the host reads it.
///
/// It outlives the worker: totals go on where the last one stopped, and what was open when it died is known.
/// Words are read while they are written: each figure is whole, figures beside each other may be a moment apart.
struct SlotCounters: BitwiseCopyable {
  var pid: Int32 = 0
  var generation: UInt32 = 0
  var state: SlotState = .starting
  /// 1 while nothing that is published can be missed.
  var isFollowing: UInt8 = 0
  var redis = RedisMark()

  /// Sockets now, by hall.
  var open = InlineArray<4, UInt64>(repeating: 0)
  var connections: UInt64 = 0
  /// 1 while a socket is being opened, so that no other worker gives the same seat away.
  var claims: UInt64 = 0
  /// What its sockets held when that was last looked at.
  var socketBytes: UInt64 = 0
  var accepted: UInt64 = 0
  var upgrades: UInt64 = 0
  var requests: UInt64 = 0
  var messagesIn: UInt64 = 0
  var messagesOut: UInt64 = 0
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0
  var deliveries: UInt64 = 0
  var published: UInt64 = 0
  var slowConsumers: UInt64 = 0
  var errors = InlineArray<24, UInt64>(repeating: 0)

  /// Whole lives of sockets, for the histogram of durations.
  var durations = InlineArray<12, UInt64>(repeating: 0)
  var durationMicroseconds: UInt64 = 0

  var tasks = TaskCounters()

  /// Longest turn of the loop in the last full second.
  var loopLagMicroseconds: UInt64 = 0
  var residentBytes: UInt64 = 0
  var cpuMicroseconds: UInt64 = 0

  /// This drain's share; `start` is what was open when it was announced.
  var drain = DrainShare()

  /// Zero: for what a later build has to count (see `PageLayout`).
  var spare = InlineArray<16, UInt64>(repeating: 0)

  /// Another process serves the slot: its counts go on.
  mutating func begin(pid: Int32, generation: UInt32) {
    self.pid = pid
    self.generation = generation
    state = .starting
    isFollowing = 0
    claims = 0
    redis = RedisMark()
  }

  var traffic: Traffic {
    var traffic = Traffic()
    traffic.accepted = Int(clamping: accepted)
    traffic.messagesIn = Int(clamping: messagesIn)
    traffic.messagesOut = Int(clamping: messagesOut)
    traffic.bytesIn = Int(clamping: bytesIn)
    traffic.bytesOut = Int(clamping: bytesOut)
    traffic.deliveries = Int(clamping: deliveries)
    return traffic
  }

  var sockets: UInt64 { Hall.allCases.reduce(0) { $0 &+ open[Int($1.rawValue)] } }
}

enum SlotState: UInt8, BitwiseCopyable, Sendable {
  case starting, serving, draining, stopped, backoff
}

/// How the sockets that were open at the start of a drain have ended on one slot so far.
struct DrainShare: BitwiseCopyable, Equatable {
  var start: UInt64 = 0
  var left: UInt64 = 0
  /// Left when they had been told their slot.
  var moved: UInt64 = 0
  var paced: UInt64 = 0
  var forced: UInt64 = 0
  var lost: UInt64 = 0
  /// Counts the drains, so that a worker's share is never taken for that of an earlier one.
  var number: UInt64 = 0

  var ledger: Ledger {
    var ledger = Ledger(start: Int(clamping: start))
    ledger.settle(.left, Int(clamping: left))
    ledger.settle(.moved, Int(clamping: moved))
    ledger.settle(.paced, Int(clamping: paced))
    ledger.settle(.forced, Int(clamping: forced))
    ledger.settle(.lost, Int(clamping: lost))
    return ledger
  }

  /// Those whose end is known.
  var kept: UInt64 { left &+ moved &+ paced &+ forced }
}

/// Why something did not go as the client hoped; the label of `websocket_errors_total`.
enum ErrorKind: Int, CaseIterable, Sendable {
  case protocolViolation, invalidText, tooBig, heartbeatTimeout, slowConsumer, reset
  case handshake, httpRequest, overCapacity, publishFailed, internalError, missedEntries
  case overRate, throttled, overMemory, evicted, foreignOrigin

  var label: String {
    switch self {
    case .protocolViolation: "protocol"
    case .invalidText: "invalid_payload"
    case .tooBig: "message_too_big"
    case .heartbeatTimeout: "heartbeat_timeout"
    case .slowConsumer: "slow_consumer"
    case .reset: "reset"
    case .handshake: "handshake"
    case .httpRequest: "bad_request"
    case .overCapacity: "over_capacity"
    case .publishFailed: "publish_failed"
    case .internalError: "internal"
    case .missedEntries: "missed_entries"
    case .overRate: "over_rate"
    case .throttled: "throttled"
    case .overMemory: "over_memory"
    case .evicted: "evicted"
    case .foreignOrigin: "foreign_origin"
    }
  }
}
