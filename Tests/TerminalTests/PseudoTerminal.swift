import Glibc

/// A terminal without a screen: the test holds the end where a person would sit, a child process gets the other.
@safe
final class PseudoTerminal {
  let path: String
  private let person: CInt
  /// Held open too, so that what a child has left behind can still be looked at.
  private let line: CInt

  init?() {
    // SAFETY: a path, flags, and two integers, as the calls want.
    unsafe person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    var number: CInt = 0
    var lock: CInt = 0
    guard person >= 0, unsafe ioctl(person, Self.unlock, &lock) == 0,
      unsafe ioctl(person, Self.askNumber, &number) == 0
    else { return nil }
    path = "/dev/pts/\(number)"
    unsafe line = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    if line < 0 { return nil }
  }

  /// TIOCSPTLCK and TIOCGPTN, whose macros do not import.
  private static let unlock: UInt = 0x4004_5431
  private static let askNumber: UInt = 0x8004_5430

  deinit {
    close(line)
    close(person)
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    // SAFETY: the array's own count is passed along.
    _ = unsafe write(person, bytes, bytes.count)
  }

  /// Lets keys wait as they were typed; in lines, the backspace key would eat what is before it.
  func makeRaw() {
    var modes = termios()
    // SAFETY: one value of the type the calls fill and read.
    guard unsafe tcgetattr(line, &modes) == 0 else { return }
    unsafe cfmakeraw(&modes)
    _ = unsafe tcsetattr(line, TCSANOW, &modes)
  }

  func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    // SAFETY: one value of the type the call reads.
    _ = unsafe ioctl(person, UInt(TIOCSWINSZ), &size)
  }

  /// All that has been written to the screen since the last look.
  func look() -> String {
    var seen: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      // SAFETY: as above.
      let count = unsafe read(person, &chunk, chunk.count)
      if count <= 0 { return String(decoding: seen, as: UTF8.self) }
      seen += chunk.prefix(count)
    }
  }

  /// Whether typed keys are echoed and come in lines, as a shell wants them.
  var isOrdinary: Bool {
    var modes = termios()
    // SAFETY: one value of the type the call fills.
    guard unsafe tcgetattr(line, &modes) == 0 else { return false }
    return modes.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON)
  }
}

/// In a child process: makes the terminal at `path` its standard input and output.
func sitDown(at path: String, term: String = "xterm-256color", locale: String = "C.UTF-8") {
  // SAFETY: strings and integers, as the calls want; one thread asks for the environment here.
  for (name, value) in [("TERM", term), ("LC_ALL", locale), ("COLUMNS", "20"), ("LINES", "4")] {
    _ = unsafe setenv(name, value, 1)
  }
  let line = unsafe open(path, O_RDWR | O_NOCTTY)
  precondition(line >= 0, "no terminal at \(path)")
  dup2(line, 0)
  dup2(line, 1)
  close(line)
}
