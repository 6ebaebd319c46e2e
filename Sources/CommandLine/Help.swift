extension Command {
  /// What `--help` prints, 80 columns wide.
  package func help(parent: Command? = nil) -> String {
    let path = parent.map { "\($0.name) \(name)" } ?? name
    var text = "\(summary)\n\nUsage: \(path)"
    if !commands.isEmpty { text += " [command]" }
    for positional in positionals {
      text += positional.isRequired ? " \(positional.name)" : " [\(positional.name)]"
    }
    text += " [options]\n"
    if !positionals.isEmpty {
      text += "\n" + Self.columns(positionals.map { ($0.name, $0.help) })
    }
    if !commands.isEmpty {
      text += "\nCommands:\n" + Self.columns(commands.map { ($0.name, $0.summary) })
    }
    let all = options + ownOptions + (parent?.options ?? [])
    let general = [
      ("--help", "this text"), ("--version", "the version"), ("--completion SHELL", "words for bash or zsh"),
    ]
    text += "\nOptions:\n" + Self.columns(all.map { ($0.usage, $0.explanation) } + general)
    if !examples.isEmpty {
      text += "\nExamples:\n"
      for example in examples { text += "  \(example.line)\n      \(example.what)\n" }
    }
    return text
  }

  /// Names on the left, wrapped words on the right; a long name has a line of its own.
  private static func columns(_ rows: [(String, String)]) -> String {
    let indent = 28
    var text = ""
    for (name, help) in rows {
      var line = "  " + name
      if line.count > indent - 2 {
        text += line + "\n"
        line = ""
      }
      line += String(repeating: " ", count: indent - line.count)
      for word in help.split(separator: " ") {
        if line.count + word.count > 79 {
          text += trimmedRight(line) + "\n"
          line = String(repeating: " ", count: indent)
        }
        line += word + " "
      }
      text += trimmedRight(line) + "\n"
    }
    return text
  }

  private static func trimmedRight(_ line: String) -> Substring {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return line
  }

  /// A script for the shell to complete our words with.
  package func completion(for shell: String) -> String? {
    let words =
      (commands.map(\.name) + (options + ownOptions).map { "--\($0.name)" } + ["--help", "--version"])
      .joined(separator: " ")
    return switch shell {
    case "bash": "complete -W \"\(words)\" \(name)\n"
    case "zsh": "#compdef \(name)\ncompadd -- \(words)\n"
    case _: nil
    }
  }
}

extension Declaration {
  /// Help, what it is if not set, and its name in the environment.
  fileprivate var explanation: String {
    var text = help
    if !standard.isEmpty && !isFlag { text += " (\(standard))" }
    if let name = environment.first { text += " [\(name)]" }
    return text
  }
}
