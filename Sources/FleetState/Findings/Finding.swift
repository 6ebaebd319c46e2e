import Bytes
import JSONText

/// One thing the doctor has looked at: how it is, and what to do when it is not well.
package struct Finding: Equatable, Sendable {
  package enum Level: String, Sendable { case ok, warn, fail }

  package let level: Level
  package let subject: String
  package let text: String
  /// Empty when all is well.
  package let advice: String

  package static func ok(_ subject: String, _ text: String) -> Finding {
    Finding(level: .ok, subject: subject, text: text, advice: "")
  }

  package static func warn(_ subject: String, _ text: String, _ advice: String) -> Finding {
    Finding(level: .warn, subject: subject, text: text, advice: advice)
  }

  package static func fail(_ subject: String, _ text: String, _ advice: String) -> Finding {
    Finding(level: .fail, subject: subject, text: text, advice: advice)
  }

  /// `warn  somaxconn    128: …; do this`
  package var line: String {
    let name = subject + String(repeating: " ", count: max(1, 14 - subject.count))
    let mark = level.rawValue + String(repeating: " ", count: 6 - level.rawValue.count)
    // Redis and /proc have a say in the text.
    return printable(mark + name + text + (advice.isEmpty ? "" : ": \(advice)"), limit: 400) + "\n"
  }
}

extension [Finding] {
  package var isWell: Bool { !contains { $0.level == .fail } }

  package var table: String { map(\.line).joined() }

  package var json: String {
    var writer = JSONWriter(style: .pretty)
    writer.beginObject()
    writer.member("ok", isWell)
    writer.array("findings") { writer in
      for finding in self {
        writer.beginObject()
        writer.member("level", finding.level.rawValue)
        writer.member("subject", finding.subject)
        writer.member("text", printable(finding.text, limit: 400))
        writer.member("advice", finding.advice)
        writer.endObject()
      }
    }
    writer.endObject()
    return writer.text + "\n"
  }
}
