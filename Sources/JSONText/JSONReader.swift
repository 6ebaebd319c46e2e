import Bytes

extension JSONValue {
  /// Reads exactly one value (RFC 8259), strictly: no comments, no trailing commas, no name twice.
  package static func read(
    _ text: Span<UInt8>, limits: JSONLimits = JSONLimits()
  ) throws(JSONError) -> JSONValue {
    if text.count > limits.bytes { throw JSONError(reason: .tooLong, offset: limits.bytes) }
    var reader = JSONReader(text, limits)
    return try reader.readAll()
  }

  package static func read(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
    var text = text
    text.makeContiguousUTF8()
    return try read(text.utf8.span, limits: limits)
  }
}

/// Walks over one text. Nesting is bounded, so that the walk's own depth is.
private struct JSONReader: ~Escapable {
  private let text: Span<UInt8>
  private let limits: JSONLimits
  private var index = 0
  private var valuesLeft: Int

  @_lifetime(copy text)
  init(_ text: Span<UInt8>, _ limits: JSONLimits) {
    self.text = text
    self.limits = limits
    valuesLeft = limits.values
  }

  mutating func readAll() throws(JSONError) -> JSONValue {
    skipBlanks()
    if index == text.count { throw error(.empty) }
    let value = try readValue(depth: limits.depth)
    skipBlanks()
    if index < text.count { throw error(.trailing) }
    return value
  }

  private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
    if depth == 0 { throw error(.tooDeep) }
    if valuesLeft == 0 { throw error(.tooMany) }
    valuesLeft -= 1
    switch try peek() {
    case UInt8(ascii: "{"): return try readObject(depth: depth)
    case UInt8(ascii: "["): return try readArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    case _: throw error(.unexpected)
    }
  }

  private mutating func readObject(depth: Int) throws(JSONError) -> JSONValue {
    index += 1
    var members: [JSONValue.Member] = []
    var names = SeenNames()
    skipBlanks()
    if try peek() == UInt8(ascii: "}") {
      index += 1
      return .object([])
    }
    while true {
      skipBlanks()
      let start = index
      guard try peek() == UInt8(ascii: "\"") else { throw error(.unexpected) }
      let name = try readString()
      // Two parsers that disagree on which one counts are a way in.
      if !names.insert(name, after: members) { throw JSONError(reason: .duplicateName, offset: start) }
      skipBlanks()
      guard try peek() == UInt8(ascii: ":") else { throw error(.unexpected) }
      index += 1
      skipBlanks()
      members.append(JSONValue.Member(name, try readValue(depth: depth - 1)))
      if try !goesOn(until: UInt8(ascii: "}")) { return .object(members) }
    }
  }

  private mutating func readArray(depth: Int) throws(JSONError) -> JSONValue {
    index += 1
    var elements: [JSONValue] = []
    skipBlanks()
    if try peek() == UInt8(ascii: "]") {
      index += 1
      return .array([])
    }
    while true {
      skipBlanks()
      elements.append(try readValue(depth: depth - 1))
      if try !goesOn(until: UInt8(ascii: "]")) { return .array(elements) }
    }
  }

  /// After a member: a comma and more, or the end.
  private mutating func goesOn(until end: UInt8) throws(JSONError) -> Bool {
    skipBlanks()
    let byte = try peek()
    guard byte == UInt8(ascii: ",") || byte == end else { throw error(.unexpected) }
    index += 1
    return byte != end
  }

  private mutating func readWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let end = index + word.utf8CodeUnitCount
    guard end <= text.count, text.extracting(index..<end).equals(word) else { throw error(.unexpected) }
    index = end
    return value
  }

  // MARK: Numbers

  private mutating func readNumber() throws(JSONError) -> JSONValue {
    let start = index
    if try peek() == UInt8(ascii: "-") { index += 1 }
    let first = index
    try readDigits()
    if index - first > 1 && text[first] == UInt8(ascii: "0") {
      throw JSONError(reason: .number, offset: first)
    }
    var isInteger = true
    if index < text.count, text[index] == UInt8(ascii: ".") {
      isInteger = false
      index += 1
      try readDigits()
    }
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      index += 1
      if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
        index += 1
      }
      try readDigits()
    }
    let digits = String(decoding: text.extracting(start..<index).copied(), as: UTF8.self)
    if isInteger, let value = Int64(digits) { return .integer(value) }
    guard let value = JSONNumber(digits) else { throw JSONError(reason: .number, offset: start) }
    return .number(value)
  }

  private mutating func readDigits() throws(JSONError) {
    let start = index
    while index < text.count, text[index] &- 0x30 < 10 { index += 1 }
    if index == start { throw error(start == text.count ? .truncated : .number) }
  }

  // MARK: Strings

  private mutating func readString() throws(JSONError) -> String {
    index += 1
    let start = index
    var bytes: [UInt8] = []
    while true {
      let byte = try peek()
      if byte < 0x20 { throw error(.controlByte) }
      index += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte != UInt8(ascii: "\\") {
        bytes.append(byte)
      } else {
        bytes.append(contentsOf: String(try readEscape()).utf8)
      }
    }
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw JSONError(reason: .utf8, offset: start)
    }
    return string
  }

  private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
    let byte = try peek()
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try readUnicode()
    case _: throw JSONError(reason: .escape, offset: index - 1)
    }
  }

  private mutating func readUnicode() throws(JSONError) -> Unicode.Scalar {
    let start = index
    let high = try readHex()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, index + 2 <= text.count, text[index] == UInt8(ascii: "\\"),
      text[index + 1] == UInt8(ascii: "u")
    else { throw JSONError(reason: .surrogate, offset: start) }
    index += 2
    let low = try readHex()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw JSONError(reason: .surrogate, offset: start) }
    return scalar
  }

  private mutating func readHex() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = try peek()
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw error(.escape)
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  // MARK: Steps

  private func peek() throws(JSONError) -> UInt8 {
    if index == text.count { throw error(.truncated) }
    return text[index]
  }

  private mutating func skipBlanks() {
    while index < text.count {
      switch text[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      case _: return
      }
    }
  }

  private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: index) }
}

/// The names of one object, equal byte for byte: a glance at the few that most objects have, a set for the many
/// a stranger may send.
private struct SeenNames {
  private static let few = 8
  private var many: Set<[UInt8]> = []

  /// False when one of `members` bears the name already.
  mutating func insert(_ name: String, after members: [JSONValue.Member]) -> Bool {
    if members.count < Self.few {
      return !members.contains { $0.name.utf8.elementsEqual(name.utf8) }
    }
    if many.isEmpty { many = Set(members.map { Array($0.name.utf8) }) }
    return many.insert(Array(name.utf8)).inserted
  }
}
