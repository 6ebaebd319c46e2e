import Bytes
package import FleetState

/// A reply of its own, to keep: every kind of RESP 2 and 3. Maps, sets and pushes are arrays.
package enum RedisValue: Equatable, Sendable {
  case null
  case integer(Int64)
  case boolean(Bool)
  case double(Double)
  case bytes([UInt8])
  case status(String)
  case error(RedisRefusal)
  case array([RedisValue])

  /// Text of a string or a status. It is whatever someone stored: show it only through `printable`.
  package var text: String? {
    switch self {
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .status(let text): text
    case .null, .integer, .boolean, .double, .error, .array: nil
    }
  }

  /// An integer, or a text that is one.
  package var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .boolean(let value): value ? 1 : 0
    case .bytes, .status: text.flatMap { Int64($0) }
    case .null, .double, .error, .array: nil
    }
  }

  package var elements: [RedisValue] {
    switch self {
    case .array(let elements): elements
    case .null, .integer, .boolean, .double, .bytes, .status, .error: []
    }
  }

  package var isNull: Bool { self == .null }

  /// A hash or the fields of an entry: names and values in turn; a name without a value is left out.
  package var pairs: [(String, String)] {
    let elements = self.elements
    var pairs: [(String, String)] = []
    var index = 0
    while index + 1 < elements.count {
      if let name = elements[index].text, let value = elements[index + 1].text { pairs.append((name, value)) }
      index += 2
    }
    return pairs
  }

  /// The answer to `XRANGE` and its kin. Entries that were deleted meanwhile are left out.
  package var entries: [(id: EntryID, fields: [(String, String)])] {
    elements.compactMap { entry in
      let parts = entry.elements
      guard parts.count == 2, let id = parts[0].text.flatMap({ EntryID($0) }) else { return nil }
      return (id, parts[1].pairs)
    }
  }
}
