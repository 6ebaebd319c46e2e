public import Bytes

/// Writes JSON straight into a buffer, without a value in between. It minds the commas; that every `begin` meets
/// its `end` is its user's part.
public struct JSONWriter: ~Copyable {
  public enum Style: Sendable {
    /// `{"a":1,"b":2}`
    case compact
    /// `{"a": 1, "b": 2}`, as older clients compare it.
    case spaced
    /// One member a line, for people.
    case pretty
  }

  private let style: Style
  private var buffer: ByteBuffer
  private var depth = 0
  private var needsComma = false

  public init(style: Style = .compact) {
    self.style = style
    buffer = ByteBuffer(capacity: 256)
  }

  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { buffer.bytes }
  }

  public var text: String { String(decoding: buffer.bytes.copied(), as: UTF8.self) }

  // MARK: Structure

  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  public mutating func name(_ name: String) {
    separate()
    JSONWriter.append(string: name, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
    if style != .compact { buffer.append(UInt8(ascii: " ")) }
    needsComma = false
    follows = true
  }

  /// A name was just written: its value stands on the same line.
  private var follows = false

  private mutating func open(_ bracket: UInt8) {
    separate()
    buffer.append(bracket)
    depth += 1
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    depth -= 1
    if needsComma { breakLine() }
    buffer.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if follows {
      follows = false
      return
    }
    if needsComma { buffer.append(UInt8(ascii: ",")) }
    if depth > 0 {
      if style == .pretty { breakLine() } else if needsComma && style == .spaced { buffer.append(0x20) }
    }
  }

  private mutating func breakLine() {
    guard style == .pretty else { return }
    buffer.append(0x0A)
    for _ in 0..<depth { buffer.append("  ") }
  }

  // MARK: Values

  public mutating func null() { value("null") }
  public mutating func bool(_ value: Bool) { self.value(value ? "true" : "false") }
  public mutating func integer(_ value: some FixedWidthInteger) { self.value(String(value)) }

  /// In the shortest form that reads back the same; what JSON has no number for becomes `null`.
  public mutating func number(_ value: Double) {
    guard value.isFinite else { return null() }
    let isWhole = value == value.rounded() && abs(value) < 1e15
    self.value(isWhole ? String(Int64(value)) : "\(value)")
  }

  public mutating func string(_ value: String) {
    separate()
    JSONWriter.append(string: value, to: &buffer)
    needsComma = true
  }

  /// A value that is JSON already.
  public mutating func raw(_ json: Span<UInt8>) {
    separate()
    buffer.append(json)
    needsComma = true
  }

  package mutating func write(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .bool(let value): bool(value)
    case .integer(let value): integer(value)
    case .number(let value): self.value(value.text)
    case .string(let value): string(value)
    case .array(let elements):
      beginArray()
      for element in elements { write(element) }
      endArray()
    case .object(let members):
      beginObject()
      for member in members {
        name(member.name)
        write(member.value)
      }
      endObject()
    }
  }

  private mutating func value(_ text: String) {
    separate()
    buffer.append(text)
    needsComma = true
  }

  // MARK: Members

  public mutating func member(_ name: String, _ value: String) {
    self.name(name)
    string(value)
  }

  public mutating func member(_ name: String, _ value: some FixedWidthInteger) {
    self.name(name)
    integer(value)
  }

  public mutating func member(_ name: String, _ value: Double) {
    self.name(name)
    number(value)
  }

  public mutating func member(_ name: String, _ value: Bool) {
    self.name(name)
    bool(value)
  }

  public mutating func member(_ name: String, orNull value: String?) {
    self.name(name)
    if let value { string(value) } else { null() }
  }

  public mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
    self.name(name)
    beginObject()
    body(&self)
    endObject()
  }

  public mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
    self.name(name)
    beginArray()
    body(&self)
    endArray()
  }

  // MARK: Strings

  /// A string in quotes. What it is made of is valid UTF-8.
  public static func append(string: String, to out: inout ByteBuffer) {
    var string = string
    string.makeContiguousUTF8()
    append(string: string.utf8.span, to: &out)
  }

  /// The same from bytes that are known to be UTF-8, such as a checked message.
  public static func append(string: Span<UInt8>, to out: inout ByteBuffer) {
    out.append(UInt8(ascii: "\""))
    var start = 0
    for index in string.indices {
      let byte = string[index]
      if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
      out.append(string.extracting(start..<index))
      appendEscaped(byte, to: &out)
      start = index + 1
    }
    out.append(string.extracting(start..<string.count))
    out.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(_ byte: UInt8, to out: inout ByteBuffer) {
    switch byte {
    case UInt8(ascii: "\""): out.append("\\\"")
    case UInt8(ascii: "\\"): out.append("\\\\")
    case 0x0A: out.append("\\n")
    case 0x0D: out.append("\\r")
    case 0x09: out.append("\\t")
    case _:
      out.append("\\u00")
      out.append(hexDigit(byte >> 4))
      out.append(hexDigit(byte & 15))
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}

extension JSONValue {
  package func text(_ style: JSONWriter.Style = .compact) -> String {
    var writer = JSONWriter(style: style)
    writer.write(self)
    return writer.text
  }
}
