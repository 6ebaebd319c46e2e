import FleetState
import Terminal
import Testing
import TextUI

@testable import Console

@Suite struct TerminalCheckTests {
  private func levels(_ width: Int, _ height: Int, utf8: Bool = true, colors: Int = 256) -> [Finding.Level] {
    let facts = TerminalFacts(size: Size(width, height), isUTF8: utf8, colors: colors)
    return TerminalCheck.findings(.success(facts)).map(\.level)
  }

  @Test("size, letters and colours are each judged by themselves")
  func facts() {
    #expect(levels(80, 24) == [.ok, .ok, .ok])
    #expect(levels(Screen.least.width, Screen.least.height) == [.ok, .ok, .ok])
    #expect(levels(Screen.least.width - 1, 24) == [.warn, .ok, .ok])
    #expect(levels(80, Screen.least.height - 1) == [.warn, .ok, .ok])
    #expect(levels(80, 24, utf8: false) == [.ok, .warn, .ok])
    #expect(levels(80, 24, colors: 0) == [.ok, .ok, .warn])
  }

  @Test("a script needs no terminal; one of an unknown kind is no failure either")
  func none() {
    #expect(TerminalCheck.findings(.failure(.noTerminal)).map(\.level) == [.ok])
    #expect(TerminalCheck.findings(.failure(.unknownTerminal)).map(\.level) == [.warn])
  }
}
