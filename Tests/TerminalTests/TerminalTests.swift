import Glibc
import Testing
import TextUI

@testable import Terminal

/// Each in a process of its own: curses knows only one terminal at a time.
@Suite struct TerminalTests {
  @Test("a page is drawn, and the terminal given back when the value goes")
  func draws() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      precondition(screen.size == Size(20, 4) && !screen.isASCII, "\(screen.size)")
      var canvas = Canvas(screen.size)
      canvas.text("漢字 sluice", .good, x: 0, y: 0, in: canvas.bounds)
      canvas.text("a\u{1B}[2Jb", x: 0, y: 3, in: canvas.bounds)
      screen.draw(canvas)
    }
    let seen = terminal.look()
    #expect(seen.contains("漢字 sluice"))
    #expect(seen.contains("a\u{FFFD}[2Jb"))
    #expect(seen.contains("\u{1B}[?1049h") && seen.contains("\u{1B}[?1049l"))
    #expect(terminal.isOrdinary)
  }

  @Test("a picture that has not changed sends nothing")
  func still() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      var canvas = Canvas(screen.size)
      canvas.text("only once", x: 0, y: 1, in: canvas.bounds)
      for _ in 0..<3 { screen.draw(canvas) }
      canvas.text("X", x: 19, y: 3, in: canvas.bounds)
      screen.draw(canvas)
    }
    #expect(terminal.look().split(separator: "only once").count == 2)
  }

  @Test("keys arrive as what they mean")
  func keys() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    terminal.makeRaw()
    terminal.type(
      "q漢\u{1B}OA\u{1B}[5~\u{1B}OP\t\u{1B}[Z\u{7F}\r\u{1B}[<0;3;2M\u{1B}[<0;3;2mz\u{1B}[<64;1;1M\u{1B}")
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      var seen: [Key] = []
      while let key = screen.nextKey() { seen.append(key) }
      let expected: [Key] = [
        .character("q"), .character("漢"), .up, .pageUp, .function(1), .tab, .backTab, .backspace, .enter,
        .mouse(x: 2, y: 1, .click), .character("z"), .mouse(x: 0, y: 0, .wheelUp), .escape,
      ]
      if seen != expected { Issue.record("\(seen)") }
    }
  }

  @Test("what is pasted arrives as one, its line ends are no enter, and the terminal is asked for it")
  func pastes() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    terminal.makeRaw()
    terminal.type("a\u{1B}[200~hi\r漢 y\u{1B}[201~y")
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      var seen: [Key] = []
      while let key = screen.nextKey() { seen.append(key) }
      if seen != [.character("a"), .paste("hi\r漢 y"), .character("y")] { Issue.record("\(seen)") }
    }
    let asked = terminal.look()
    #expect(asked.contains("\u{1B}[?2004h") && asked.contains("\u{1B}[?2004l"))
  }

  @Test("characters that curses holds to be of another width do not shift their row")
  func strangers() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      var canvas = Canvas(screen.size)
      canvas.text("\u{378}\u{2FFFF}漢|end", x: 0, y: 0, in: canvas.bounds)
      screen.draw(canvas)
    }
    let seen = terminal.look()
    #expect(seen.contains("?? 漢|end"), "\(seen.debugDescription)")
  }

  @Test("a burst of the wheel ends, and moves", .timeLimit(.minutes(1)))
  func wheel() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    terminal.makeRaw()
    terminal.type(String(repeating: "\u{1B}[<65;1;1M", count: 20) + "z")
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      var seen: [Key] = []
      while seen.last != .character("z"), let key = screen.nextKey() { seen.append(key) }
      if seen.first != .mouse(x: 0, y: 0, .wheelDown) || seen.last != .character("z") {
        Issue.record("\(seen)")
      }
    }
  }

  @Test("a new size is adopted when it is asked for, and asks for nothing more")
  func resized() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    terminal.resize(columns: 33, rows: 7)
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      screen.adoptSize()
      if screen.size != Size(33, 7) { Issue.record("\(screen.size)") }
      if let key = screen.nextKey() { Issue.record("\(key)") }
      screen.draw(Canvas(screen.size))
    }
  }

  @Test(
    "a fatal signal gives the terminal back first", arguments: [SIGABRT, SIGHUP, SIGILL, SIGTERM, SIGINT])
  func dies(of number: CInt) async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    await #expect(processExitsWith: .failure) { [path = path as String, number = number as CInt] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      screen.draw(Canvas(screen.size))
      // To the process: the thread of a test has signals blocked.
      kill(getpid(), number)
      while true { pause() }
    }
    #expect(terminal.look().contains("\u{1B}[?1049l"))
    #expect(terminal.isOrdinary)
  }

  @Test("an exit in the middle gives the terminal back")
  func exits() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
      sitDown(at: path)
      let screen = try Terminal(withColor: true)
      screen.draw(Canvas(screen.size))
      exit(7)
    }
    #expect(terminal.look().contains("\u{1B}[?1049l"))
    #expect(terminal.isOrdinary)
  }

  @Test(
    "a terminal of unknown kind, or one that cannot move its cursor, is refused",
    arguments: ["no-such-kind", "dumb"])
  func unknown(kind: String) async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String, kind = kind as String] in
      sitDown(at: path, term: kind)
      #expect(throws: Terminal.Failure.unknownTerminal) { _ = try Terminal(withColor: true) }
    }
    #expect(terminal.isOrdinary)
  }

  @Test("what is no terminal is refused")
  func noTerminal() async {
    await #expect(processExitsWith: .exitCode(0)) {
      sitDown(at: "/dev/null")
      #expect(throws: Terminal.Failure.noTerminal) { _ = try Terminal(withColor: true) }
    }
  }

  @Test("without UTF-8 it asks for ASCII; without colour it sends none")
  func plain() async throws {
    let terminal = try #require(PseudoTerminal())
    let path = terminal.path
    await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
      sitDown(at: path, locale: "C")
      let screen = try Terminal(withColor: false)
      precondition(screen.isASCII)
      var canvas = Canvas(screen.size, isASCII: true)
      for (row, style) in [Style.good, .bad, .warning, .selected].enumerated() {
        canvas.text("words…", style, x: 0, y: row, in: canvas.bounds)
      }
      screen.draw(canvas)
    }
    let seen = terminal.look()
    #expect(seen.contains("words."))
    let coloured = (0..<8).map { "\u{1B}[3\($0)m" } + ["\u{1B}[38;5", ";3"]
    for start in coloured { #expect(!seen.contains(start), "\(seen.debugDescription)") }
  }
}
