import Glibc
import Testing

extension EndToEnd {
  /// The configuration files of the older projects, as they are (inventory K1–K10, J8, C15, G9).
  @Suite(.serialized) struct OlderSettingsTests {
    @Test(
      "the second project's `.env` beside the program: host, port and channel of Redis; PYTHONPATH is nobody's"
    )
    func environmentFile() throws {
      let sandbox = try Sandbox()
      try write(
        "REDIS_HOST=redis\nREDIS_PORT=6379\nREDIS_CHANNEL=broadcast\nPYTHONPATH=.\n", to: ".env", in: sandbox)
      let config = try printed(in: sandbox)
      #expect(config["redis_host"]?.value == "redis" && config["redis_host"]?.origin.contains(".env") == true)
      #expect(config["redis_port"]?.value == "6379")
      #expect(config["redis_channel"]?.value == "broadcast")
    }

    @Test("a config file that `.env` names is read")
    func configFromEnvironmentFile() throws {
      let sandbox = try Sandbox()
      try write("SLUICE_CONFIG=settings\nWORKERS=2\n", to: ".env", in: sandbox)
      try write("workers = 3\nmax_connections = 7\n", to: "settings", in: sandbox)
      let config = try printed(in: sandbox)
      #expect(config["config"]?.value == "settings" && config["config"]?.origin == ".env")
      #expect(config["max_connections"]?.value == "7" && config["max_connections"]?.origin == "config file")
      #expect(config["workers"]?.value == "2" && config["workers"]?.origin == ".env")
    }

    @Test(
      "a `.env` or config file that is there and cannot be read stops the start with one line",
      arguments: [".env", "settings"], ["a directory", "a link to nothing", "Latin-1", "too large"])
    func unreadable(_ name: String, _ fault: String) throws {
      let sandbox = try Sandbox()
      let path = "\(sandbox.path)/\(name)"
      switch fault {
      case "a directory": mkdir(path, 0o700)
      case "a link to nothing": symlink("nothing", path)
      case "Latin-1": try write("WORKERS=1\nA=\u{E4}\n".unicodeScalars.map { UInt8($0.value) }, to: path)
      default: try write(Array("\(String(repeating: "#\n", count: 1 << 19))WORKERS=7\n".utf8), to: path)
      }
      let words = name == ".env" ? "--print-config" : "--config \(name) --print-config"
      let program = try start(words, in: sandbox)
      #expect(try program.exitCode(within: 10, "it ends") == 2)
      #expect(program.output.split(separator: "\n").count == 1, "\(program.output)")
      #expect(program.output.hasPrefix("wsserver: ") && program.output.contains(name), "\(program.output)")
      // Nobody has asked for a `.env` that is not there.
      unlink(path)
      rmdir(path)
      let next = try start(words, in: sandbox)
      #expect(try next.exitCode(within: 10, "it ends") == (name == ".env" ? 0 : 2))
    }

    @Test("the fourth project's compose file: workers, heartbeat and shutdown by their older names")
    func composeFile() throws {
      let config = try printed(
        in: Sandbox(),
        ["ASGI_WORKERS": "4", "WEBSOCKET_HEARTBEAT_INTERVAL": "30", "GRACEFUL_SHUTDOWN_TIMEOUT": "10"])
      #expect(config["workers"]?.value == "4" && config["heartbeat_interval"]?.value == "30")
      #expect(config["graceful_shutdown_timeout"]?.value == "10")
    }

    @Test(
      "the fifth project's seventeen options by their names, as a file; `num_shards` is said to have no effect"
    )
    func options() throws {
      let options = [
        ("heartbeat_interval", "30.0"), ("heartbeat_timeout", "60.0"), ("heartbeat_type", "ping"),
        ("max_connections", "50000"), ("max_message_size", "1048576"), ("reconnect_token_ttl", "1h"),
        ("enable_reconnect", "true"), ("compression", "deflate"), ("log_level", "INFO"),
        ("enable_metrics", "true"),
        ("num_shards", "32"), ("max_concurrent_cleanup", "50"), ("max_concurrent_broadcast", "500"),
        ("max_memory_per_connection", "1048576"), ("max_total_memory", "1073741824"),
        ("memory_eviction_policy", "oldest"), ("memory_check_interval", "60"),
      ]
      let sandbox = try Sandbox()
      try write(options.map { "\($0.0) = \($0.1)\n" }.joined(), to: "older", in: sandbox)
      let config = try printed(in: sandbox, ["SLUICE_CONFIG": "\(sandbox.path)/older"])
      for (name, value) in options {
        let found = config[name]
        #expect(found?.origin == "config file", "\(name) = \(value): \(found.map { "\($0)" } ?? "nothing")")
      }
      let server = try Server(["--config", "\(sandbox.path)/older"], workers: 1)
      #expect(try server.program.line(with: "num_shards").contains("no effect"))
    }

    @Test(
      "a named tuning is a preset",
      arguments: [
        ("low-latency", ["heartbeat_interval": "5s", "heartbeat_timeout": "10s"]),
        ("slow-proxy", ["heartbeat_interval": "45s", "heartbeat_timeout": "90s", "compression": "none"]),
        ("serverless", ["heartbeat_interval": "20s", "max_connections": "500"]),
        ("alb", ["heartbeat_interval": "25s", "heartbeat_timeout": "50s"]),
        ("azure", ["heartbeat_interval": "30s", "max_connections": "1000"]),
        (
          "high-load",
          ["max_connections": "50000", "max_concurrent_broadcast": "500", "max_concurrent_cleanup": "50"]
        ),
      ])
    func presets(_ name: String, _ wanted: [String: String]) throws {
      let config = try printed(in: Sandbox(), ["SLUICE_PRESET": name])
      for (option, value) in wanted { #expect(config[option]?.value == value, "\(option)") }
    }

    private struct Setting {
      let value: String
      let origin: String
    }

    /// What `--print-config` shows, by option: `name  value  origin`.
    private func printed(in sandbox: Sandbox, _ environment: [String: String] = [:]) throws -> [String:
      Setting]
    {
      let program = try start("--print-config", in: sandbox, environment)
      #expect(try program.exitCode(within: 5, "the settings are shown") == 0, "\(program.output)")
      var settings: [String: Setting] = [:]
      for line in program.output.split(separator: "\n") {
        let words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        if words.count >= 3 {
          settings[words[0]] = Setting(value: words[1], origin: words[2...].joined(separator: " "))
        }
      }
      return settings
    }

    /// With the sandbox for its working directory.
    private func start(
      _ words: String, in sandbox: Sandbox, _ environment: [String: String] = [:]
    ) throws -> Program {
      let line = "cd '\(sandbox.path)' && exec '\(try Program.path("wsserver"))' \(words)"
      return try Program("/bin/sh", ["-c", line], in: sandbox, environment: environment)
    }

    private func write(_ text: String, to name: String, in sandbox: Sandbox) throws {
      try write(Array(text.utf8), to: "\(sandbox.path)/\(name)")
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
      guard let file = fopen(path, "w") else { throw Trouble("cannot write \(path)") }
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }
  }
}
