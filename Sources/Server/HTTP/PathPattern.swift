/// A path as the documents write it, `/clients/{id}/data/{key}`, to match the words of a request's path with:
/// `switch words { case "/clients/{id}": … words[1] … }`. A name in braces stands for any one word.
struct PathPattern: ExpressibleByStringLiteral {
  private let text: String

  init(stringLiteral text: String) { self.text = text }

  static func ~= (pattern: PathPattern, words: [String]) -> Bool {
    var rest = pattern.text.utf8.dropFirst()
    for word in words {
      let part = rest.prefix { $0 != UInt8(ascii: "/") }
      let isAny = part.first == UInt8(ascii: "{")
      if part.isEmpty || !isAny && !part.elementsEqual(word.utf8) { return false }
      rest = rest.dropFirst(part.count + 1)
    }
    return rest.isEmpty
  }
}
