/// A program, or one of its subcommands, as it is called.
package struct Command: Sendable {
  package let name: String
  package let summary: String
  /// `[URL]`, `TEXT`: what may stand without a dash.
  package let positionals: [Positional]
  package let options: [Declaration]
  /// Those that say something only where no subcommand is called.
  package let ownOptions: [Declaration]
  package let commands: [Command]
  package let examples: [(line: String, what: String)]

  package struct Positional: Sendable {
    package let name: String
    package let isRequired: Bool
    package let help: String

    package init(_ name: String, isRequired: Bool, _ help: String) {
      self.name = name
      self.isRequired = isRequired
      self.help = help
    }
  }

  package init(
    _ name: String, _ summary: String, positionals: [Positional] = [], options: [Declaration] = [],
    ownOptions: [Declaration] = [], commands: [Command] = [], examples: [(line: String, what: String)] = []
  ) {
    self.name = name
    self.summary = summary
    self.positionals = positionals
    self.options = options
    self.ownOptions = ownOptions
    self.commands = commands
    self.examples = examples
  }
}
