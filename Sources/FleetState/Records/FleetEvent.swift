import Bytes

/// One line of the timeline, as an entry of `events`: what happened, where, and to which command it answers.
/// When is told by the entry's id.
package struct FleetEvent: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case started, stopped, crashed, hung, drain, resumed, redis, config, command, load
    /// A step of a roll, and its end.
    case handover, rolled, upgraded
    case rebalanced, audited
  }

  package enum Answer: Equatable, Sendable {
    case done
    case refused(reason: String)
  }

  package var kind: Kind
  package var host: Name
  package var slot: Int?
  package var text: String
  /// The command it answers or comes from.
  package var command: Name?
  package var answer: Answer?
  package var details: [String: String]

  package init(
    _ kind: Kind, host: Name, slot: Int? = nil, text: String = "", command: Name? = nil,
    answer: Answer? = nil, details: [String: String] = [:]
  ) {
    self.kind = kind
    self.host = host
    self.slot = slot
    self.text = text
    self.command = command
    self.answer = answer
    self.details = details
  }

  package var fields: Fields {
    var fields = Fields()
    fields.set("kind", kind.rawValue)
    fields.set("host", host.text)
    fields.set("slot", ifAny: slot.map { String($0) })
    fields.set("text", text)
    fields.set("command", ifAny: command?.text)
    switch answer {
    case .done: fields.set("answer", "done")
    case .refused(let reason):
      fields.set("answer", "refused")
      fields.set("reason", reason)
    case nil: break
    }
    for (name, value) in details.sorted(by: { $0.key < $1.key }) { fields.set("is_" + name, value) }
    return fields
  }

  package init?(_ fields: Fields) {
    guard let kind = fields.raw("kind").flatMap(Kind.init), let host = fields.name("host") else { return nil }
    self.init(kind, host: host, text: fields.text("text", limit: 512), command: fields.name("command"))
    if let slot: Int = fields.number("slot"), (0..<1024).contains(slot) { self.slot = slot }
    switch fields.raw("answer") {
    case "done": answer = .done
    case "refused": answer = .refused(reason: fields.text("reason"))
    case _: answer = nil
    }
    for field in fields.list where field.name.hasPrefix("is_") {
      if details.count == Self.mostDetails { break }
      details[printable(field.name.dropFirst(3), limit: 48)] = printable(
        field.value, limit: Self.longestDetail)
    }
  }

  private static let mostDetails = 32
  /// The findings of an audit are the longest.
  private static let longestDetail = 16_384
}
