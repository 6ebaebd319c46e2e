import CTerminal
package import TextUI

/// What the terminal of standard input and output can do, looked up without taking it over.
package struct TerminalFacts: Equatable, Sendable {
  package let size: Size
  package let isUTF8: Bool
  package let colors: Int

  package init(size: Size, isUTF8: Bool, colors: Int) {
    self.size = size
    self.isUTF8 = isUTF8
    self.colors = colors
  }

  package static func look() throws(Terminal.Failure) -> TerminalFacts {
    var facts = cterminal_facts()
    // SAFETY: one record, as the call wants.
    switch unsafe cterminal_look(&facts) {
    case 0: break
    case Int32(CTERMINAL_NO_TERMINAL): throw .noTerminal
    default: throw .unknownTerminal
    }
    return TerminalFacts(
      size: Size(Int(facts.width), Int(facts.height)), isUTF8: cterminal_is_utf8() == 1,
      colors: Int(facts.colors))
  }
}
