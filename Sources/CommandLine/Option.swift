/// One setting of a program, declared once: from here come its flag, its environment names, its help, its check.
package struct Option<Value: Sendable>: Sendable {
  package let declaration: Declaration
  package let kind: Kind<Value>
  package let standard: Value

  package init(
    _ name: String, _ kind: Kind<Value>, standard: Value, placeholder: String = "",
    environment: [String] = [],
    repeats: Bool = false, secret: Secret? = nil, shownStandard: String? = nil, _ help: String
  ) {
    self.kind = kind
    self.standard = standard
    declaration = Declaration(
      name: name, placeholder: placeholder, environment: environment, help: help, allowed: kind.allowed,
      standard: shownStandard ?? kind.show(standard), isFlag: Value.self == Bool.self, repeats: repeats,
      secret: secret, isValid: { kind.read($0) != nil })
  }
}

/// What is not for everybody's eyes in a value: all of it, or a part.
package struct Secret: Sendable {
  /// The value as it may be shown.
  package let mask: @Sendable (String) -> String

  package init(mask: @escaping @Sendable (String) -> String) { self.mask = mask }

  package static let whole = Secret { $0.isEmpty ? $0 : "******" }
}

/// An option without its type: what parsing, help and completion need of it.
package struct Declaration: Sendable {
  package let name: String
  package let placeholder: String
  package let environment: [String]
  package let help: String
  package let allowed: String
  package let standard: String
  package let isFlag: Bool
  package let repeats: Bool
  package let secret: Secret?
  let isValid: @Sendable (String) -> Bool

  /// As in a file of settings: `drain_preset` for `--drain-preset`.
  package var fileName: String { name.replacing("-", with: "_") }

  /// One line that names the place, the value unless it is a secret, and what is allowed.
  func refusal(of text: String, from place: String) -> UsageError {
    secret != nil
      ? UsageError("\(place) has to be \(allowed)")
      : UsageError("\(place) is \(quoted(text)), but has to be \(allowed)")
  }

  /// `--listen ADDRESS`
  var usage: String { isFlag ? "--\(name)" : "--\(name) \(placeholder.isEmpty ? "VALUE" : placeholder)" }
}

/// What is wrong with how a program was called: one line that names the thing and says what to do.
package struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
