import Bytes
package import FleetState

/// An error Redis answered with: `WRONGTYPE Operation against a key …`.
package struct RedisRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first word, which programs go by.
  package let code: String
  package let message: String

  package init(_ line: Span<UInt8>) {
    message = printable(line, limit: 512)
    code = String(message.prefix { $0 != " " })
  }

  package var description: String { message }

  /// The state of Redis it tells of; `nil` if it is only about this command.
  package var health: RedisHealth? {
    switch code {
    case "LOADING", "MASTERDOWN": .loading
    case "READONLY", "MISCONF", "NOREPLICAS": .readonly
    case "OOM": .oom
    case "NOAUTH", "WRONGPASS": .noauth
    case "NOPERM": .noperm
    case "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN": .moved
    case "BUSY": .slow
    case "WRONGTYPE": .wrongtype
    case _: nil
    }
  }
}
