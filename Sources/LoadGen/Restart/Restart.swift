import Bytes
import CommandLine

/// Something done to the server while it is under load, and when.
struct Restart: Equatable {
  enum Kind: Equatable {
    case console(ConsoleWord)
    /// `kill -9` of one worker of this machine.
    case kill
    case shell(String)

    init(_ text: String) {
      if text == "kill9" {
        self = .kill
      } else if let word = ConsoleWord(rawValue: text) {
        self = .console(word)
      } else {
        self = .shell(text)
      }
    }
  }

  /// What wsconsole can be told that takes workers away; it waits until that is done.
  enum ConsoleWord: String, CaseIterable {
    case roll, upgrade, drain
  }

  let kind: Kind
  let at: Duration

  /// For people: `kill9`, or the command itself.
  var title: String { command.map { "'\(printable($0))'" } ?? name }

  /// As the report calls it.
  var name: String {
    switch kind {
    case .console(let word): word.rawValue
    case .kill: "kill9"
    case .shell: "shell"
    }
  }

  var command: String? {
    switch kind {
    case .console, .kill: nil
    case .shell(let text): text
    }
  }

  var needsConsole: Bool { command == nil }

  /// Each `--restart` has its `--at`, the first the first, and all of them fall into the run. In order of time.
  static func pairs(_ texts: [String], at times: [Duration], within duration: Duration) throws(UsageError)
    -> [Restart]
  {
    guard texts.count == times.count else {
      throw UsageError(
        "each --restart needs its --at, such as --restart roll --at 20s: "
          + "there are \(texts.count) of one and \(times.count) of the other")
    }
    guard texts.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
      throw UsageError("--restart is empty: write kill9, roll, upgrade, drain, or a shell command")
    }
    if let late = times.first(where: { $0 >= duration }) {
      let show = Options.at.kind.show
      throw UsageError(
        "--at \(show(late)) is not within the run, which takes \(show(duration)): see --duration")
    }
    return zip(texts, times).map { Restart(kind: Kind($0), at: $1) }.sorted { $0.at < $1.at }
  }
}
