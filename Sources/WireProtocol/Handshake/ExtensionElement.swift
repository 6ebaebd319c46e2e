import Bytes

/// One element of a `Sec-WebSocket-Extensions` list, as ranges into the list's text (RFC 6455 §9.1).
struct ExtensionElement {
  struct Parameter {
    var name: Range<Int>
    /// Without its quotes; nil for a parameter that is a bare name.
    var value: Range<Int>?
  }

  var name: Range<Int>
  var parameters: [Parameter] = []

  /// The elements of one list, nil when it does not follow the grammar.
  static func list(_ text: Span<UInt8>) -> [ExtensionElement]? {
    var elements: [ExtensionElement] = []
    var index = 0
    while true {
      skipBlanks(text, &index)
      if index == text.count { return elements }
      if text[index] == UInt8(ascii: ",") {
        index += 1
        continue
      }
      guard let element = element(text, &index) else { return nil }
      elements.append(element)
      guard index == text.count || text[index] == UInt8(ascii: ",") else { return nil }
    }
  }

  private static func element(_ text: Span<UInt8>, _ index: inout Int) -> ExtensionElement? {
    guard let name = token(text, &index) else { return nil }
    var element = ExtensionElement(name: name)
    skipBlanks(text, &index)
    while index < text.count, text[index] == UInt8(ascii: ";") {
      index += 1
      skipBlanks(text, &index)
      guard let parameter = parameter(text, &index) else { return nil }
      element.parameters.append(parameter)
      skipBlanks(text, &index)
    }
    return element
  }

  private static func parameter(_ text: Span<UInt8>, _ index: inout Int) -> Parameter? {
    guard let name = token(text, &index) else { return nil }
    skipBlanks(text, &index)
    guard index < text.count, text[index] == UInt8(ascii: "=") else { return Parameter(name: name) }
    index += 1
    skipBlanks(text, &index)
    let isQuoted = index < text.count && text[index] == UInt8(ascii: "\"")
    if isQuoted { index += 1 }
    // What is quoted must be a token as well, so there is nothing an escape could be for.
    guard let value = token(text, &index) else { return nil }
    if isQuoted {
      guard index < text.count, text[index] == UInt8(ascii: "\"") else { return nil }
      index += 1
    }
    return Parameter(name: name, value: value)
  }

  private static func token(_ text: Span<UInt8>, _ index: inout Int) -> Range<Int>? {
    let start = index
    while index < text.count, text[index].isTokenLetter { index += 1 }
    return index > start ? start..<index : nil
  }

  private static func skipBlanks(_ text: Span<UInt8>, _ index: inout Int) {
    while index < text.count, text[index].isBlank { index += 1 }
  }
}
