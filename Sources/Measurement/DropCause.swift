/// Why a socket ended, or did not begin. Every end has exactly one.
public enum DropCause: Hashable, Sendable, Comparable {
  case close(UInt16)
  case reset
  case eof
  case timeout
  case refused
  case tls
  case dns
  case http(Int)
  case protocolError

  public var text: String {
    switch self {
    case .close(let code): "close:\(code)"
    case .reset: "reset"
    case .eof: "eof"
    case .timeout: "timeout"
    case .refused: "refused"
    case .tls: "tls"
    case .dns: "dns"
    case .http(let status): "http:\(status)"
    case .protocolError: "protocol"
    }
  }

  public init?(_ text: String) {
    switch text {
    case "reset": self = .reset
    case "eof": self = .eof
    case "timeout": self = .timeout
    case "refused": self = .refused
    case "tls": self = .tls
    case "dns": self = .dns
    case "protocol": self = .protocolError
    default:
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      if parts[0] == "close", let code = UInt16(parts[1]) {
        self = .close(code)
      } else if parts[0] == "http", let status = Int(parts[1]), (100...999).contains(status) {
        self = .http(status)
      } else {
        return nil
      }
      // One cause, one spelling: `close:+1` and `close:01` are nobody's.
      if self.text != text { return nil }
    }
  }

  public static func < (a: DropCause, b: DropCause) -> Bool { a.text < b.text }
}

/// How often each cause occurred. There are no more causes than codes, but a hostile server could use them all:
/// beyond the bound the rest is counted as `protocol`.
public struct Tally: Equatable, Sendable {
  public private(set) var counts: [DropCause: Int] = [:]
  private static let mostCauses = 256

  public init() {}

  public var total: Int { counts.values.reduce(0) { $0.addingClamped($1) } }

  public mutating func add(_ cause: DropCause, _ count: Int = 1) {
    let isKnown = counts[cause] != nil || counts.count < Self.mostCauses
    let place = isKnown ? cause : .protocolError
    counts[place] = counts[place, default: 0].addingClamped(count)
  }

  public mutating func merge(_ other: Tally) { for (cause, count) in other.counts { add(cause, count) } }

  /// Most frequent first.
  public var sorted: [(cause: DropCause, count: Int)] {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }
}
