/// What an operator wants, as an entry of `control`. The hosts answer with a `FleetEvent` of the same command id.
package struct ControlCommand: Equatable, Sendable {
  package enum Verb: String, CaseIterable, Sendable {
    case drain, undrain, roll, upgrade, reload, broadcast, kick, kill
    /// Of a roll that is on.
    case pause, proceed, takeback
    /// Evens the sockets between the workers.
    case rebalance
    /// Counts what is held against what is said to be held; with the argument `fix` it also puts that right.
    case audit

    /// As people say it.
    package var word: String { self == .takeback ? "take-back" : rawValue }
  }

  package enum Target: Equatable, Sendable {
    case all
    case host(Name)
    case worker(Name, slot: Int)

    package func includes(_ host: Name) -> Bool {
      switch self {
      case .all: true
      case .host(let one), .worker(let one, _): one == host
      }
    }
  }

  package var id: Name
  package var verb: Verb
  package var target: Target
  package var preset: DrainPreset?
  /// After this time, in milliseconds since 1970 by Redis' clock, nobody may carry it out any more; a command must not
  /// wake up late.
  package var deadline: Int64?
  package var issuer: String
  package var arguments: [String: String]

  package init(
    id: Name, verb: Verb, target: Target = .all, preset: DrainPreset? = nil, deadline: Int64? = nil,
    issuer: String = "", arguments: [String: String] = [:]
  ) {
    self.id = id
    self.verb = verb
    self.target = target
    self.preset = preset
    self.deadline = deadline
    self.issuer = issuer
    self.arguments = arguments
  }

  package var fields: Fields {
    var fields = Fields()
    fields.set("id", id.text)
    fields.set("verb", verb.rawValue)
    fields.set("target", target.text)
    fields.set("preset", ifAny: preset?.text)
    fields.set("deadline", ifAny: deadline.map { String($0) })
    fields.set("issuer", issuer)
    for (name, value) in arguments.sorted(by: { $0.key < $1.key }) { fields.set("arg_" + name, value) }
    return fields
  }

  /// `nil` for a command this build does not know in every part: half understood is not obeyed.
  package init?(_ fields: Fields) {
    guard let id = fields.name("id"), let verb = fields.raw("verb").flatMap(Verb.init),
      let target = fields.raw("target").flatMap({ Target($0) })
    else { return nil }
    let preset = fields.raw("preset").map { DrainPreset($0) }
    let deadline = fields.raw("deadline").map { Int64($0) }
    // Outer `nil`: not said. Inner `nil`: said, but not understood.
    if preset == .some(nil) || deadline == .some(nil) { return nil }
    var arguments: [String: String] = [:]
    for field in fields.list where field.name.hasPrefix("arg_") {
      if field.value.utf8.count > Self.longestArgument { return nil }
      arguments[String(field.name.dropFirst(4))] = field.value
    }
    self.init(
      id: id, verb: verb, target: target, preset: preset ?? nil, deadline: deadline ?? nil,
      issuer: fields.text("issuer", limit: 64), arguments: arguments)
  }

  private static let longestArgument = 1 << 20
}

extension ControlCommand.Target {
  /// `*`, `host` or `host/slot`: no host can be called `*`.
  package var text: String {
    switch self {
    case .all: "*"
    case .host(let host): host.text
    case .worker(let host, let slot): "\(host)/\(slot)"
    }
  }

  package init?(_ text: String) {
    if text == "*" {
      self = .all
      return
    }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let host = parts.first.flatMap({ Name($0) }) else { return nil }
    if parts.count == 1 {
      self = .host(host)
      return
    }
    guard let slot = Int(parts[1]), (0..<1024).contains(slot) else { return nil }
    self = .worker(host, slot: slot)
  }
}
