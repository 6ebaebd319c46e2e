import Bytes
import CLinux
import Glibc

/// One stream of lines on standard error, as text or as JSON objects.
///
/// A line is one write, no longer than a pipe with any room takes whole. When whoever reads the lines does not
/// keep up they are dropped and counted, never waited for: a stuck log must not stop a server.
package final class Log {
  package enum Level: Int, Comparable, Sendable, CaseIterable {
    case debug, info, warning, error

    package var name: String {
      switch self {
      case .debug: "DEBUG"
      case .info: "INFO"
      case .warning: "WARNING"
      case .error: "ERROR"
      }
    }

    package init?(name: String) {
      switch name.uppercased() {
      case "DEBUG", "TRACE": self = .debug
      case "INFO": self = .info
      case "WARNING", "WARN": self = .warning
      case "ERROR", "CRITICAL": self = .error
      default: return nil
      }
    }

    package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  package enum Format: Sendable { case text, json }

  /// What stands behind a name.
  package enum Value: ExpressibleByStringLiteral, Sendable {
    case text(String)
    case number(UInt64)

    package init(stringLiteral text: String) { self = .text(text) }
  }

  package typealias Fields = KeyValuePairs<String, Value>

  package var level: Level
  package private(set) var dropped: UInt64 = 0

  /// PIPE_BUF of Linux.
  private static let lineLimit = 4096

  private let format: Format
  private let service: String
  private let descriptor: Int32
  private var line = ByteBuffer(capacity: 512)

  package init(level: Level = .info, format: Format = .text, service: String, descriptor: Int32 = 2) {
    self.level = level
    self.format = format
    self.service = service
    self.descriptor = descriptor
  }

  package func debug(
    _ message: @autoclosure () -> String, event: String = "debug",
    _ fields: @autoclosure () -> Fields = [:]
  ) {
    if level <= .debug { write(.debug, event, message(), fields()) }
  }

  package func info(_ message: String, event: String = "info", _ fields: Fields = [:]) {
    if level <= .info { write(.info, event, message, fields) }
  }

  package func warning(
    _ message: String, event: String = "warning", _ fields: Fields = [:]
  ) {
    if level <= .warning { write(.warning, event, message, fields) }
  }

  package func error(
    _ message: String, event: String = "error", _ fields: Fields = [:]
  ) {
    write(.error, event, message, fields)
  }

  private func write(
    _ level: Level, _ event: String, _ message: String, _ fields: Fields
  ) {
    line.clear()
    let time = Timestamp(unixNanoseconds: WallClock.unixNanoseconds)
    switch format {
    case .text: renderText(time, level, message, fields)
    case .json: renderJSON(time, level, event, message, fields)
    }
    line.append(UInt8(ascii: "\n"))
    if clinux_writable_now(descriptor) != 1 {
      dropped += 1
      return
    }
    if !emit(line) { dropped += 1 }
  }

  private func emit(_ line: borrowing ByteBuffer) -> Bool {
    let bytes = line.bytes
    // SAFETY: the span keeps its bytes alive for the call.
    let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    return written == bytes.count
  }

  private func renderText(
    _ time: Timestamp, _ level: Level, _ message: String, _ fields: Fields
  ) {
    line.append(time.description)
    line.append(" ")
    line.append(level.name)
    line.append(" ")
    cut(printable(message, limit: 2000), reserve: 8)
    for (name, value) in fields where hasRoom(for: name) {
      line.append(" ")
      line.append(name)
      line.append("=")
      switch value {
      case .text(let text): cut(printable(text), reserve: 8)
      case .number(let number): line.append("\(number)")
      }
    }
  }

  private func renderJSON(
    _ time: Timestamp, _ level: Level, _ event: String, _ message: String,
    _ fields: Fields
  ) {
    line.append("{\"timestamp\": \"\(time)\", \"level\": \"\(level.name)\", \"event\": ")
    quote(event)
    line.append(", \"message\": ")
    quote(message)
    for (name, value) in fields where hasRoom(for: name) {
      line.append(", ")
      quote(name)
      line.append(": ")
      switch value {
      case .text(let text): quote(text)
      case .number(let number): line.append("\(number)")
      }
    }
    line.append(", \"service\": ")
    quote(service, reserve: 8)
    line.append("}")
  }

  private func quote(_ text: String, reserve: Int = Log.tail) {
    line.append(UInt8(ascii: "\""))
    cut(printable(text, limit: 2000), reserve: reserve, escaping: true)
    line.append(UInt8(ascii: "\""))
  }

  /// What the last member of a JSON line takes at most; the service's own name is a short word.
  private static let tail = 160

  private func hasRoom(for name: String) -> Bool {
    line.count + name.utf8.count + 64 < Self.lineLimit - Self.tail
  }

  /// As much of the text as leaves `reserve` bytes of the line, whole characters only.
  private func cut(_ text: String, reserve: Int, escaping: Bool = false) {
    for scalar in text.unicodeScalars {
      // The longest scalar and the mark of what is missing.
      if line.count + 8 > Self.lineLimit - reserve { return line.append("…") }
      // `printable` leaves no control characters, so two remain that JSON wants escaped.
      if escaping && (scalar == "\"" || scalar == "\\") { line.append(UInt8(ascii: "\\")) }
      for byte in scalar.utf8 { line.append(byte) }
    }
  }
}
