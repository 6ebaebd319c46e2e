import EventLoop
import Glibc

/// A fault on purpose, for drills: `SLUICE_DRILL=trap:TEXT` or `hang:TEXT` makes a worker die of, or stand still over,
/// a text message that is exactly TEXT. Read once when a worker starts; unset, it costs nothing.
struct Fault: Equatable {
  enum Kind: String { case trap, hang }

  static let variable = "SLUICE_DRILL"

  let kind: Kind
  let text: [UInt8]

  /// Nil for what is no drill.
  init?(_ value: String) {
    let parts = value.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
    self.kind = kind
    text = Array(parts[1].utf8)
  }

  /// The drill of this process, if there is one; a value that is none is told and passed over.
  static func planned(slot: Int, log: Log) -> Fault? {
    guard let value = Environment.values[variable], !value.isEmpty else { return nil }
    guard let fault = Fault(value) else {
      log.error("\(variable) has to be trap:TEXT or hang:TEXT: there is no drill", event: "drill")
      return nil
    }
    log.warning(
      "worker \(slot): a drill is on, a text of \(fault.text.count) bytes makes it \(fault.kind.rawValue)",
      event: "drill")
    return fault
  }

  func isMeant(_ payload: Span<UInt8>) -> Bool {
    guard payload.count == text.count else { return false }
    return text.indices.allSatisfy { payload[$0] == text[$0] }
  }

  /// Does not return.
  func happen() -> Never {
    switch kind {
    case .trap: abort()
    case .hang: while true { sleep(1) }
    }
  }
}
