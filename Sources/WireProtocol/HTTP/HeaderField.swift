package import Bytes

/// A field line to be sent. It cannot carry a second line with it: whatever its text is, no control byte of it
/// reaches the wire.
package struct HeaderField: Equatable, Sendable {
  package let name: String
  package let value: String

  /// A line of our own, whose name we know to be a token.
  package init(_ name: StaticString, _ value: String) {
    self.name = name.description
    self.value = value
  }

  /// A line somebody else words, on a command line say: nil unless the name is a token and the value is free
  /// of control bytes.
  package init?(name: String, value: String) {
    guard name.utf8.allSatisfy({ $0.isTokenLetter }), !name.isEmpty else { return nil }
    guard value.utf8.allSatisfy({ $0.isFieldText }) else { return nil }
    self.name = name
    self.value = value
  }

  package func render(into out: inout ByteBuffer) {
    out.append(name)
    out.append(": ")
    for byte in value.utf8 { out.append(byte.isFieldText ? byte : .space) }
    out.append("\r\n")
  }
}
