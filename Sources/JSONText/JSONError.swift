/// Why a text is not the JSON we take, and at which byte.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: String, Sendable {
    case empty = "nothing is there"
    case truncated = "the text ends too early"
    case unexpected = "unexpected character"
    case number = "malformed number"
    case escape = "malformed escape"
    case surrogate = "half a surrogate pair"
    case utf8 = "a string is not UTF-8"
    case controlByte = "an unescaped control character in a string"
    case duplicateName = "a name occurs twice in an object"
    case tooDeep = "nested too deeply"
    case tooLong = "too long"
    case tooMany = "too many values"
    case trailing = "something follows the value"
  }

  package let reason: Reason
  package let offset: Int

  package var description: String { "\(reason.rawValue) at byte \(offset)" }
}

/// How much of a stranger's JSON is read.
package struct JSONLimits: Equatable, Sendable {
  package var bytes: Int
  package var depth: Int
  package var values: Int

  package init(bytes: Int = 1 << 20, depth: Int = 64, values: Int = 100_000) {
    self.bytes = bytes
    self.depth = depth
    self.values = values
  }
}
