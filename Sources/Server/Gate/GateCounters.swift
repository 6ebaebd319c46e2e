/// What one gate process counts. Written by that process alone; every process of the host reads it.
struct GateCounters: BitwiseCopyable {
  var pid: Int32 = 0
  var generation: UInt32 = 0
  /// Goes on while the gate's loop goes round.
  var beat: UInt64 = 0
  /// Clients now.
  var open: UInt64 = 0
  var accepted: UInt64 = 0
  /// Handshakes that came to their end.
  var shaken: UInt64 = 0
  var failures = InlineArray<8, UInt64>(repeating: 0)
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0
  var cpuMicroseconds: UInt64 = 0
  var residentBytes: UInt64 = 0

  /// So many generations of a slot's gate have a record of their own; an older one is ended before its record is
  /// another's.
  static let perSlot = 4

  static func place(slot: Int, generation: UInt32) -> Int { slot * perSlot + Int(generation) % perSlot }

  /// Another process counts on here.
  mutating func begin(pid: Int32, generation: UInt32) {
    self.pid = pid
    self.generation = generation
    open = 0
  }
}

/// Why a client did not come through the gate, or not to its end; the label of `sluice_gate_failures_total`.
enum GateFailure: Int, CaseIterable {
  case overCapacity, setup, notTLS, handshake, timeout, gone, broken, noWorker

  var label: String {
    switch self {
    case .overCapacity: "over_capacity"
    case .setup: "setup"
    case .notTLS: "not_tls"
    case .handshake: "handshake"
    case .timeout: "timeout"
    case .gone: "gone"
    case .broken: "broken"
    case .noWorker: "no_worker"
    }
  }
}
