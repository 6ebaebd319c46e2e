import Glibc
import Testing

extension EndToEnd {
  /// Starting, and not starting: one line that says what to do, and the exit code (CONTRACT 7).
  @Suite(.serialized) struct StartTests {
    @Test(
      "wrong usage is one line and exit code 2",
      arguments: [
        (["--wrokers", "2"], [:], "--workers"), (["--workers", "none"], [:], "workers"),
        (["--listen", "example.org"], [:], "listen"), ([], ["WORKERS": "many"], "many"),
        (["--config", "/nonexistent/file"], [:], "/nonexistent/file"),
        (["--listen", "wss://127.0.0.1:0"], [:], "tls_certificate"),
        (
          ["--listen", "wss://127.0.0.1:0", "--tls-key", "/k"], ["TLS_CERTIFICATE": "/none.pem"], "/none.pem"
        ),
        (["--heartbeat-interval", "9s", "--heartbeat-timeout", "3s"], [:], "heartbeat-timeout"),
      ] as [([String], [String: String], String)])
    func usage(_ arguments: [String], _ environment: [String: String], _ word: String) throws {
      try expectEnd(2, arguments, environment, saying: word)
    }

    @Test("a broken line of the config file is named")
    func badConfig() throws {
      let sandbox = try Sandbox()
      let path = "\(sandbox.path)/config"
      let file = fopen(path, "w")
      fputs("WORKERS=2\nthis is no setting\n", file)
      fclose(file)
      try expectEnd(2, ["--config", path], [:], saying: path)
    }

    @Test(
      "--help, --version and --print-config answer and end", arguments: ["help", "version", "print-config"])
    func answers(_ flag: String) throws {
      let sandbox = try Sandbox()
      let program = try Program(Program.path("wsserver"), ["--\(flag)"], in: sandbox)
      #expect(try program.exitCode(within: 5, flag) == 0)
      #expect(program.output.contains(flag == "version" ? "wsserver " : "workers"))
    }

    @Test("a taken port is named with a way out, whether a server or a stranger has it")
    func takenPort() throws {
      let server = try Server(workers: 1)
      try expectEnd(3, ["--listen", "127.0.0.1:\(server.port)"], [:], saying: "port \(server.port)")
      let (number, port) = try listenAsStranger()
      defer { close(number) }
      try expectEnd(3, ["--listen", "127.0.0.1:\(port)"], [:], saying: "--listen 127.0.0.1:\(port + 1)")
    }

    @Test("without redis-server, and with a Redis that is not there when patience ends, exit code 3")
    func noRedis() throws {
      try expectEnd(3, [], ["PATH": "/nonexistent"], saying: "apt install redis-server")
      let start = Deadline.now
      try expectEnd(
        3, ["--redis", "redis://127.0.0.1:1", "--redis-patience", "1s"], [:], saying: "cannot reach Redis at")
      #expect(Deadline.isWithin(10, since: start))
    }

    @Test("a state directory has one server")
    func oneStateDirectory() throws {
      let server = try Server(workers: 1)
      try expectEnd(3, server.stateArguments, [:], saying: server.sandbox.path)
      #expect(try server.http("GET", "/readyz").status == 200)
    }

    @Test("a state directory that is none, or is somebody else's, is named with a way out")
    func noStateDirectory() throws {
      let sandbox = try Sandbox()
      let file = "\(sandbox.path)/file"
      fclose(fopen(file, "w"))
      for path in [file, "\(file)/state", "/proc/state"] {
        try expectEnd(3, ["--state", path], [:], saying: "with --state")
      }
    }

    @Test("ready within a second, and again in the same directory after a clean end and after a kill")
    func again() throws {
      let sandbox = try Sandbox()
      for signal in [SIGTERM, SIGKILL, SIGTERM] {
        let start = Deadline.now
        // The redis-server of one that was killed may need a moment to go.
        var server = try? Server(workers: 2, sandbox: sandbox)
        try Deadline.until(5, "the next one starts") {
          if server == nil { server = try? Server(workers: 2, sandbox: sandbox) }
          return server != nil
        }
        let ready = try #require(server)
        #expect(Deadline.isWithin(3, since: start))
        #expect(try ready.http("GET", "/readyz").status == 200)
        if signal == SIGKILL { ready.killAll() } else { ready.program.signal(signal) }
        #expect(try ready.program.exitCode(within: 5, "the end") == (signal == SIGKILL ? -9 : 0))
      }
    }

    /// It must end by itself with one line on standard error.
    private func expectEnd(
      _ code: Int32, _ arguments: [String], _ environment: [String: String], saying word: String
    ) throws {
      let sandbox = try Sandbox()
      var all = arguments + ["--metrics-listen", "none"]
      if !all.contains("--state") { all += ["--state", sandbox.path] }
      if !all.contains("--listen") { all += ["--listen", "127.0.0.1:0"] }
      let program = try Program(Program.path("wsserver"), all, in: sandbox, environment: environment)
      #expect(try program.exitCode(within: 10, "\(arguments) ends") == code)
      let lines = program.output.split(separator: "\n")
      #expect(lines.count == 1, "\(program.output)")
      #expect(lines.first?.hasPrefix("wsserver: ") == true)
      #expect(program.output.contains(word), "\(program.output)")
    }

    private func listenAsStranger() throws -> (Int32, UInt16) {
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(number, $0, size) == 0 && listen(number, 1) == 0 && getsockname(number, $0, &size) == 0
        }
      }
      guard isBound else { throw Trouble("no port for a stranger: \(errno)") }
      return (number, UInt16(bigEndian: address.sin_port))
    }
  }
}
