import FleetState
import Terminal
import TextUI

/// Whether the screen can be drawn here, and how well.
enum TerminalCheck {
  static func findings(_ facts: Result<TerminalFacts, Terminal.Failure>) -> [Finding] {
    switch facts {
    // A script needs none.
    case .failure(.noTerminal): [.ok("terminal", "none here, so only the subcommands work")]
    case .failure(.unknownTerminal):
      [.warn("terminal", "its kind is not known here", "set TERM, for example to xterm-256color")]
    case .success(let facts): [size(facts), letters(facts), colors(facts)]
    }
  }

  private static func size(_ facts: TerminalFacts) -> Finding {
    let (size, least) = (facts.size, Screen.least)
    let text = "\(size.width)x\(size.height)"
    return size.width < least.width || size.height < least.height
      ? .warn("terminal", text, "the screen needs \(least.width)x\(least.height): make it larger")
      : .ok("terminal", text)
  }

  private static func letters(_ facts: TerminalFacts) -> Finding {
    facts.isUTF8
      ? .ok("letters", "UTF-8")
      : .warn("letters", "not UTF-8, so charts are drawn in ASCII", "set LANG, for example to C.UTF-8")
  }

  private static func colors(_ facts: TerminalFacts) -> Finding {
    facts.colors >= 8
      ? .ok("colours", "\(facts.colors)")
      : .warn("colours", "none", "set TERM to what the terminal is, for example xterm-256color")
  }
}
