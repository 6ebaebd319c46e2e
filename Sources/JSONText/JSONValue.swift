/// A JSON text as a value. Objects keep their order.
package enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits 64 bits.
  case integer(Int64)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object([Member])

  package struct Member: Equatable, Sendable {
    package var name: String
    package var value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The member of that name, byte for byte; nil where there is none, or no object. Swift's own `==` would take
  /// `é` in one scalar and in two for the same, and other readers of the text do not.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  package subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  package var isNull: Bool { self == .null }

  package var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  package var integer: Int64? {
    if case .integer(let value) = self { return value }
    return nil
  }

  /// Any number.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value.double
    case .null, .bool, .string, .array, .object: nil
    }
  }

  package var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  package var elements: [JSONValue] {
    if case .array(let elements) = self { return elements }
    return []
  }

  package var members: [Member] {
    if case .object(let members) = self { return members }
    return []
  }
}
