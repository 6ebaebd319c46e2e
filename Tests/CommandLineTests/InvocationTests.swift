import Testing

@testable import CommandLine

private let workers = Option(
  "workers", .integer(1...64), standard: 2, placeholder: "N", environment: ["WORKERS", "ASGI_WORKERS"],
  "worker processes")
private let listen = Option(
  "listen", .text, standard: "a:1", placeholder: "ADDRESS", repeats: true, "where to listen")
private let fast = Option("fast", .flag, standard: false, "do it fast")
private let token = Option("admin-token", .text, standard: "", secret: .whole, "a secret")
private let all = [workers.declaration, listen.declaration, fast.declaration, token.declaration]
private let program = Command(
  "tool", "Does things.", positionals: [.init("URL", isRequired: false, "where to")], options: all,
  examples: [("tool --fast", "quickly")])
private let withCommands = Command(
  "ops", "Operates.", options: [fast.declaration],
  commands: [
    Command("drain", "Drains.", options: [workers.declaration]),
    Command("say", "Says.", positionals: [.init("TEXT", isRequired: true, "what")]),
  ])

@Suite struct InvocationTests {
  @Test("options in every spelling")
  func spellings() throws {
    let given = try Invocation(
      ["--workers", "3", "--listen=x:1", "--listen", "y:2", "--fast", "ws://a"], of: program)
    #expect(given.values == ["workers": ["3"], "listen": ["x:1", "y:2"], "fast": ["true"]])
    #expect(given.positionals == ["ws://a"])
    #expect(try Invocation(["--workers=3", "--workers=4"], of: program).values == ["workers": ["4"]])
    #expect(try Invocation(["--no-fast"], of: program).values == ["fast": ["false"]])
    #expect(try Invocation(["--", "--fast"], of: program).positionals == ["--fast"])
  }

  @Test("help, version and completion win over what follows")
  func requests() throws {
    #expect(try Invocation(["--help", "--bogus"], of: program).request == .help)
    #expect(try Invocation(["-h"], of: program).request == .help)
    #expect(try Invocation(["--version"], of: program).request == .version)
    #expect(try Invocation(["--completion=zsh"], of: program).request == .completion("zsh"))
    #expect(try Invocation(["--completion", "zsh"], of: program).request == .completion("zsh"))
    #expect(try Invocation(["--completion"], of: program).request == .completion("bash"))
  }

  @Test(
    "a mistake gets one line that names it",
    arguments: [
      (["--worker", "3"], "there is no option '--worker', did you mean --workers?: see tool --help"),
      (["--zzz"], "there is no option '--zzz': see tool --help"),
      (["--workers"], "--workers needs a value: a whole number from 1 to 64"),
      (["--workers", "0"], "--workers is '0', but has to be a whole number from 1 to 64"),
      (["--workers=\u{1B}[2J"], "--workers is '\u{FFFD}[2J', but has to be a whole number from 1 to 64"),
      (["a", "b"], "'b' is one word too many: see tool --help"),
    ])
  func mistakes(_ arguments: [String], _ line: String) {
    #expect(throws: UsageError(line)) { try Invocation(arguments, of: program) }
  }

  @Test("subcommands have options of their own and share the program's")
  func commands() throws {
    let given = try Invocation(["drain", "--workers", "2", "--fast"], of: withCommands)
    #expect(given.command == "drain")
    #expect(given.values == ["workers": ["2"], "fast": ["true"]])
    #expect(try Invocation(["say", "hello"], of: withCommands).positionals == ["hello"])
    #expect(throws: UsageError("there is no command 'drian', did you mean drain?: see ops --help")) {
      try Invocation(["drian"], of: withCommands)
    }
    #expect(throws: UsageError("TEXT is missing: see ops say --help")) {
      try Invocation(["say"], of: withCommands)
    }
    #expect(throws: UsageError("'b' is one word too many: see ops say --help")) {
      try Invocation(["say", "a", "b"], of: withCommands)
    }
    #expect(throws: UsageError("there is no option '--qqqqq': see ops say --help")) {
      try Invocation(["say", "--qqqqq"], of: withCommands)
    }
  }
}

@Suite struct SettingsTests {
  private func settings(_ change: (inout Settings.Layers) -> Void) throws -> Settings {
    var layers = Settings.Layers()
    change(&layers)
    return try Settings(all, layers)
  }

  @Test("flag > environment > .env > config file > preset > standard")
  func layers() throws {
    var layers = Settings.Layers()
    #expect(try Settings(all, layers)[workers] == 2)
    layers.preset = ["workers": "3"]
    #expect(try Settings(all, layers)[workers] == 3)
    layers.config = ["workers": ["4"]]
    #expect(try Settings(all, layers)[workers] == 4)
    layers.dotenv = ["WORKERS": ["5"]]
    #expect(try Settings(all, layers)[workers] == 5)
    layers.environment = ["ASGI_WORKERS": "6"]
    #expect(try Settings(all, layers)[workers] == 6)
    layers.flags = ["workers": ["7"]]
    let settings = try Settings(all, layers)
    #expect(settings[workers] == 7)
    #expect(settings.origin(workers.declaration) == .flag)
    #expect(settings.origin(listen.declaration) == .standard)
  }

  @Test(
    "what may be given several times may stand in several lines, and in one; of anything else the last counts"
  )
  func lines() throws {
    let settings = try settings {
      $0.config = ["listen": ["127.0.0.1:1", "127.0.0.1:2, 127.0.0.1:3"], "workers": ["3", "4"]]
    }
    #expect(settings.all(listen) == ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"])
    #expect(settings[workers] == 4 && settings.arguments().contains("--workers=4"))
    #expect(!settings.arguments().contains("--workers=3"))
  }

  @Test("an environment full of other people's names is no mistake, a config file with a slip is")
  func unknownNames() throws {
    _ = try settings { $0.environment = ["workers": "99", "SHELL": "x"] }
    #expect(throws: UsageError("the config file sets 'worker', which is no setting, did you mean workers?")) {
      try settings { $0.config = ["worker": ["3"]] }
    }
  }

  @Test("a wrong value names the setting, the value and what is allowed")
  func wrongValue() {
    #expect(throws: UsageError("WORKERS (environment) is 'many', but has to be a whole number from 1 to 64"))
    {
      try settings { $0.environment = ["WORKERS": "many"] }
    }
  }

  @Test("what was set goes on as flags, and reads the same there")
  func arguments() throws {
    let first = try settings {
      $0.environment = ["WORKERS": "5"]
      $0.flags = ["listen": ["a:1", "b:2"], "fast": ["true"]]
    }
    var layers = Settings.Layers()
    layers.flags = try Invocation(first.arguments(), of: program).values
    let second = try Settings(all, layers)
    #expect(second[workers] == 5)
    #expect(second.all(listen) == ["a:1", "b:2"])
    #expect(second[fast])
  }

  @Test("a secret stays secret in an error, and a stranger's text steers no terminal")
  func harmless() throws {
    let pin = Option("pin", .integer(0...9), standard: 0, environment: ["PIN"], secret: .whole, "a pin")
    #expect(throws: UsageError("PIN (environment) has to be a whole number from 0 to 9")) {
      var layers = Settings.Layers()
      layers.environment = ["PIN": "hunter2"]
      _ = try Settings([pin.declaration], layers)
    }
    #expect(throws: UsageError("--pin has to be a whole number from 0 to 9")) {
      try Invocation(["--pin=hunter2"], of: Command("t", "T.", options: [pin.declaration]))
    }
    let settings = try settings { $0.flags = ["listen": ["\u{1B}[2J"]] }
    #expect(settings.table([listen.declaration]) == "listen  \u{FFFD}[2J  flag\n")
  }

  @Test("the table shows every setting and its origin, and no secret")
  func table() throws {
    let settings = try settings { $0.flags = ["admin-token": ["s3cret"], "workers": ["5"]] }
    let expected = """
      workers      5       flag
      listen       a:1     standard
      fast         false   standard
      admin_token  ******  flag

      """
    #expect(settings.table(all) == expected)
  }
}

@Suite struct HelpTests {
  @Test("one page, in eighty columns")
  func page() {
    let expected = """
      Does things.

      Usage: tool [URL] [options]

        URL                       where to

      Options:
        --workers N               worker processes (2) [WORKERS]
        --listen ADDRESS          where to listen (a:1)
        --fast                    do it fast
        --admin-token VALUE       a secret
        --help                    this text
        --version                 the version
        --completion SHELL        words for bash or zsh

      Examples:
        tool --fast
            quickly

      """
    #expect(program.help() == expected)
    #expect(program.help().split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("words for the shell")
  func completion() {
    #expect(withCommands.completion(for: "bash") == "complete -W \"drain say --fast --help --version\" ops\n")
    #expect(withCommands.completion(for: "fish") == nil)
  }

  @Test("an option of the program alone is none of its subcommands, in help or in use")
  func ownOptions() throws {
    let quiet = Option("quiet", .flag, standard: false, "says less")
    let program = Command(
      "t", "T.", ownOptions: [quiet.declaration], commands: [Command("go", "Goes.")])
    #expect(program.help().contains("--quiet"))
    #expect(!program.commands[0].help(parent: program).contains("--quiet"))
    #expect(try Invocation(["--quiet"], of: program).values["quiet"] == ["true"])
    #expect(throws: UsageError("there is no option '--quiet': see t go --help")) {
      try Invocation(["go", "--quiet"], of: program)
    }
  }
}
