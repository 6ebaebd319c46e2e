import Bytes

/// The field lines of a head, kept as ranges into the head's own bytes.
package struct Fields: Equatable, Sendable {
  private struct Line: Equatable {
    var name: Range<UInt32>
    var value: Range<UInt32>
  }

  private let head: [UInt8]
  private var lines: [Line] = []

  /// Reads the lines from `start` up to the blank line that ends `head`.
  ///
  /// `HeadBytes` has seen to it that every line ends with CRLF, that the last one is blank, and that no
  /// control byte is left: so each scan below meets a carriage return before the end.
  init(head: [UInt8], from start: Int, limit: Int) throws(HTTPError) {
    self.head = head
    lines.reserveCapacity(16)
    let bytes = head.span
    var index = start
    while bytes[index] != .carriageReturn {
      if lines.count == limit { throw .tooManyFields }
      if bytes[index].isBlank { throw .foldedField }
      let nameStart = index
      while bytes[index].isTokenLetter { index += 1 }
      // No blank may stand before the colon: proxies disagree on what it would mean (RFC 9112 §5.1).
      guard index > nameStart, bytes[index] == UInt8(ascii: ":") else { throw .fieldName }
      let nameEnd = index
      while bytes[index] != .carriageReturn { index += 1 }
      let value = bytes.trimmed(nameEnd + 1..<index)
      lines.append(
        Line(
          name: UInt32(nameStart)..<UInt32(nameEnd),
          value: UInt32(value.lowerBound)..<UInt32(value.upperBound)))
      index += 2
    }
  }

  package var count: Int { lines.count }

  /// The first value of that name. Names are compared without case.
  package subscript(name: StaticString) -> String? {
    guard let index = index(of: name, from: 0) else { return nil }
    return value(at: index).text
  }

  package func count(of name: StaticString) -> Int {
    var count = 0
    forEachValue(of: name) { _ in count += 1 }
    return count
  }

  /// Whether the comma-separated list in the fields of that name holds `token`, in any case: what
  /// `Connection: keep-alive, Upgrade` needs.
  package func has(token: StaticString, in name: StaticString) -> Bool {
    var found = false
    forEachElement(of: name) { found = found || $0.equalsIgnoringCase(token) }
    return found
  }

  package func forEachValue(of name: StaticString, _ visit: (Span<UInt8>) -> Void) {
    var start = 0
    while let index = index(of: name, from: start) {
      visit(value(at: index))
      start = index + 1
    }
  }

  /// Every non-empty element of the comma-separated lists in the fields of that name.
  package func forEachElement(of name: StaticString, _ visit: (Span<UInt8>) -> Void) {
    forEachValue(of: name) { list in
      var start = 0
      while start < list.count {
        let end = list.firstIndex(of: UInt8(ascii: ","), from: start) ?? list.count
        let element = list.trimmed(start..<end)
        if !element.isEmpty { visit(list.extracting(element)) }
        start = end + 1
      }
    }
  }

  /// Every line as text, in order of arrival.
  package var all: [(name: String, value: String)] {
    lines.indices.map { (name(at: $0).text, value(at: $0).text) }
  }

  private func index(of name: StaticString, from start: Int) -> Int? {
    var index = start
    while index < lines.count {
      if self.name(at: index).equalsIgnoringCase(name) { return index }
      index += 1
    }
    return nil
  }

  @_lifetime(borrow self)
  private func name(at index: Int) -> Span<UInt8> { head.span.extracting(lines[index].name.asInt) }

  @_lifetime(borrow self)
  private func value(at index: Int) -> Span<UInt8> { head.span.extracting(lines[index].value.asInt) }
}

extension Range<UInt32> {
  fileprivate var asInt: Range<Int> { Int(lowerBound)..<Int(upperBound) }
}
