/// What was typed, sorted by what was declared.
package struct Invocation: Equatable, Sendable {
  package enum Request: Equatable, Sendable {
    case run
    case help
    case version
    /// For `bash` or `zsh`.
    case completion(String)
  }

  package private(set) var request = Request.run
  /// The subcommand, nil for the program itself.
  package private(set) var command: String?
  package private(set) var positionals: [String] = []
  /// Texts by option, in the order they were given.
  package private(set) var values: [String: [String]] = [:]

  package init(_ arguments: [String], of program: Command) throws(UsageError) {
    var parser = Parser(program: program, current: program)
    for argument in arguments {
      if try parser.take(argument, into: &self) { break }
    }
    if let waiting = parser.waiting {
      throw UsageError("--\(waiting.name) needs a value: \(waiting.allowed)")
    }
    if request == .run { try checkPositionals(parser) }
  }

  private func checkPositionals(_ parser: Parser) throws(UsageError) {
    let command = parser.current
    if positionals.count > command.positionals.count {
      let extra = quoted(positionals[command.positionals.count])
      throw UsageError("\(extra) is one word too many: see \(parser.path) --help")
    }
    let required = command.positionals.count { $0.isRequired }
    if positionals.count < required {
      throw UsageError(
        "\(command.positionals[positionals.count].name) is missing: see \(parser.path) --help")
    }
  }

  /// Walks over the words; remembers which option waits for its value.
  private struct Parser {
    let program: Command
    var current: Command
    var waiting: Declaration?
    var onlyPositionals = false

    /// As it is typed: `wsconsole kick`.
    var path: String { current.name == program.name ? program.name : "\(program.name) \(current.name)" }

    /// True when the rest does not matter.
    mutating func take(_ word: String, into invocation: inout Invocation) throws(UsageError) -> Bool {
      if case .completion = invocation.request {
        invocation.request = .completion(word)
        return true
      }
      if let option = waiting {
        waiting = nil
        try add(word, to: option, &invocation)
        return false
      }
      if onlyPositionals || !word.hasPrefix("-") || word == "-" {
        try takePlain(word, &invocation)
        return false
      }
      if word == "--" {
        onlyPositionals = true
        return false
      }
      return try takeOption(word, &invocation)
    }

    private mutating func takePlain(_ word: String, _ invocation: inout Invocation) throws(UsageError) {
      if invocation.command == nil, invocation.positionals.isEmpty, !program.commands.isEmpty,
        !onlyPositionals
      {
        guard let command = program.commands.first(where: { $0.name == word }) else {
          let names = program.commands.map(\.name)
          throw UsageError(
            "there is no command \(quoted(word))\(suggestion(word, names)): see \(program.name) --help")
        }
        invocation.command = word
        current = command
        return
      }
      invocation.positionals.append(word)
    }

    private mutating func takeOption(_ word: String, _ invocation: inout Invocation) throws(UsageError)
      -> Bool
    {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = parts[0]
      switch name {
      case "--help", "-h":
        invocation.request = .help
        return true
      case "--version":
        invocation.request = .version
        return true
      case "--completion":
        invocation.request = .completion(parts.count > 1 ? parts[1] : "bash")
        return parts.count > 1
      case _: break
      }
      let options = current.options + (current.name == program.name ? program.ownOptions : program.options)
      if let option = options.first(where: { "--\($0.name)" == name }) {
        if parts.count > 1 {
          try add(parts[1], to: option, &invocation)
        } else if option.isFlag {
          try add("true", to: option, &invocation)
        } else {
          waiting = option
        }
        return false
      }
      if let option = options.first(where: { $0.isFlag && "--no-\($0.name)" == name }), parts.count == 1 {
        try add("false", to: option, &invocation)
        return false
      }
      let names = options.map { "--\($0.name)" }
      throw UsageError(
        "there is no option \(quoted(name))\(suggestion(name, names)): see \(path) --help")
    }

    private func add(_ text: String, to option: Declaration, _ invocation: inout Invocation)
      throws(UsageError)
    {
      guard option.isValid(text) else {
        throw option.refusal(of: text, from: "--\(option.name)")
      }
      if option.repeats {
        invocation.values[option.name, default: []].append(text)
      } else {
        invocation.values[option.name] = [text]
      }
    }
  }
}
