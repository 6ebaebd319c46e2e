/// Why the server does not start: one line for the person who typed the command, and the exit code.
struct StartError: Error, Equatable, CustomStringConvertible {
  enum Kind: Int32 {
    case wrongUsage = 2
    case unreachable = 3
  }

  let kind: Kind
  let text: String

  var description: String { text }

  static func usage(_ text: String) -> StartError { StartError(kind: .wrongUsage, text: text) }
  static func unreachable(_ text: String) -> StartError { StartError(kind: .unreachable, text: text) }
}
