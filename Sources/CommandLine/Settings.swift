import Bytes

/// The value of every option, and where it came from: flag > environment > `.env` > config file > preset > standard.
package struct Settings: Equatable, Sendable {
  package enum Origin: String, Sendable, CaseIterable {
    case flag, environment, dotenv = ".env", config = "config file", preset, standard
  }

  package struct Layers: Sendable {
    package var flags: [String: [String]] = [:]
    package var environment: [String: String] = [:]
    package var dotenv: [String: [String]] = [:]
    package var config: [String: [String]] = [:]
    package var preset: [String: String] = [:]

    package init() {}
  }

  private var texts: [String: [String]] = [:]
  private var origins: [String: Origin] = [:]

  /// A wrong value stops here, whichever layer it came from, with one line that names it.
  package init(_ options: [Declaration], _ layers: Layers) throws(UsageError) {
    for option in options {
      if let given = layers.flags[option.name] {
        texts[option.name] = given
        origins[option.name] = .flag
        continue
      }
      let sources: [(Origin, [String: [String]])] = [
        (.environment, layers.environment.mapValues { [$0] }), (.dotenv, layers.dotenv),
        (.config, layers.config), (.preset, layers.preset.mapValues { [$0] }),
      ]
      for (origin, values) in sources {
        guard let (name, given) = Self.find(option, in: values, byFileName: origin != .environment) else {
          continue
        }
        texts[option.name] = try Self.checked(option, given, "\(name) (\(origin.rawValue))")
        origins[option.name] = origin
        break
      }
    }
    try Self.refuseUnknown(options, layers.config)
  }

  package subscript<Value>(option: Option<Value>) -> Value {
    texts[option.declaration.name]?.last.flatMap { option.kind.read($0) } ?? option.standard
  }

  package func all<Value>(_ option: Option<Value>) -> [Value] {
    guard let given = texts[option.declaration.name] else { return [option.standard] }
    return given.compactMap { option.kind.read($0) }
  }

  package func origin(_ declaration: Declaration) -> Origin { origins[declaration.name] ?? .standard }
  package func isSet<Value>(_ option: Option<Value>) -> Bool { texts[option.declaration.name] != nil }

  /// Whether `one` was said in a place that counts more than where `other` was said.
  package func outranks<One, Other>(_ one: Option<One>, _ other: Option<Other>) -> Bool {
    let ranks = Origin.allCases
    guard let first = ranks.firstIndex(of: origin(one.declaration)),
      let second = ranks.firstIndex(of: origin(other.declaration))
    else { return false }
    return first < second
  }

  /// What was set, as flags: enough to read the same settings in another process.
  package func arguments(without left: [Declaration] = []) -> [String] {
    texts.filter { name, _ in !left.contains { $0.name == name } }.sorted { $0.key < $1.key }
      .flatMap { name, values in values.map { "--\(name)=\($0)" } }
  }

  /// A table for people: name, value, origin. Secrets stay secret.
  package func table(_ options: [Declaration]) -> String {
    let rows = options.map { option in
      let values = texts[option.name].map { texts in texts.map { option.secret?.mask($0) ?? $0 } }
      let shown = values?.joined(separator: ",") ?? option.standard
      return (option.fileName, quoteIfEmpty(printable(shown)), origin(option).rawValue)
    }
    let names = rows.map(\.0.count).max() ?? 0
    let values = min(40, rows.map(\.1.count).max() ?? 0)
    return rows.map { name, value, origin in
      pad(name, names) + "  " + pad(value, values) + "  " + origin + "\n"
    }.joined()
  }

  private func quoteIfEmpty(_ text: String) -> String { text.isEmpty ? "-" : text }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func find(
    _ option: Declaration, in values: [String: [String]], byFileName: Bool
  ) -> (String, [String])? {
    let names = option.environment + (byFileName ? [option.fileName, option.name] : [])
    for name in names {
      if let given = values[name]?.filter({ !$0.isEmpty }), !given.isEmpty { return (name, given) }
    }
    return nil
  }

  /// Of a setting that has one value, the last that was given counts, as with flags.
  private static func checked(_ option: Declaration, _ given: [String], _ place: String) throws(UsageError)
    -> [String]
  {
    let parts =
      option.repeats
      ? given.flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) } : given.suffix(1)
    for part in parts where !option.isValid(part) {
      throw option.refusal(of: part, from: place)
    }
    return parts
  }

  /// In a config file of ours a name nobody knows is a slip; in an environment it is somebody else's.
  private static func refuseUnknown(_ options: [Declaration], _ config: [String: [String]]) throws(UsageError)
  {
    let known = Set(options.flatMap { $0.environment + [$0.fileName, $0.name] })
    guard let unknown = config.keys.filter({ !known.contains($0) }).min() else { return }
    let near = suggestion(unknown, options.map(\.fileName))
    throw UsageError("the config file sets \(quoted(unknown)), which is no setting\(near)")
  }
}
