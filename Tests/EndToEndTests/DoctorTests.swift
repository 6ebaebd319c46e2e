import Glibc
import Testing

extension EndToEnd {
  /// `wsserver doctor`: each line says how it is and what to do, and the exit code whether something has to be done.
  @Suite(.serialized) struct DoctorTests {
    @Test("a Redis of our own that could not be started")
    func ownRedis() throws {
      let far = "/tmp/" + String(repeating: "x", count: 100)
      let found = try doctor(["--state", far])
      #expect(found.code == 1 && found.output.contains("fail  redis         none of our own can be started"))
    }

    @Test("a Redis that is well, and each thing that can be wrong with it")
    func redis() throws {
      let redis = try OutsideRedis()
      let line = try RedisWire(path: redis.socketPath)
      let well = try doctor(["--redis", redis.url])
      #expect(well.code == 0, "\(well.output)")
      for word in ["redis", "latency", "version", "persistence", "eviction", "writing"] {
        #expect(well.output.contains("ok    \(word)"), "\(word) in \(well.output)")
      }
      _ = try line.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
      _ = try line.ask("CONFIG", "SET", "appendonly", "no")
      let careless = try doctor(["--redis", redis.url])
      #expect(careless.code == 0)
      #expect(careless.output.contains("warn  eviction") && careless.output.contains("warn  persistence"))
      _ = try line.ask("REPLICAOF", "127.0.0.1", "1")
      let replica = try doctor(["--redis", redis.url])
      #expect(replica.code == 1 && replica.output.contains("fail  writing"))
      _ = try line.ask("REPLICAOF", "NO", "ONE")
      _ = try line.ask("CONFIG", "SET", "requirepass", "hunter2")
      let wrong = try doctor(["--redis", redis.url.replacing("unix:", with: "unix://:letmein@")])
      #expect(wrong.code == 1 && wrong.output.contains("noauth") && !wrong.output.contains("letmein"))
      try redis.kill()
      let gone = try doctor(["--redis", redis.url, "--json"])
      #expect(gone.code == 1 && gone.output.contains(#""ok": false"#) && gone.output.contains("is down"))
    }

    @Test("a port a server of ours has is a warning, one a stranger has a failure, and both are named")
    func ports() throws {
      let server = try Server(workers: 1)
      let ours = try doctor(["--listen", "127.0.0.1:\(server.port)"])
      #expect(ours.code == 0 && ours.output.contains("is taken by wsserver/"), "\(ours.output)")
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      defer { close(number) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(number, $0, size) == 0 && listen(number, 1) == 0 && getsockname(number, $0, &size) == 0
        }
      }
      #expect(isBound)
      let stranger = try doctor(["--listen", "127.0.0.1:\(UInt16(bigEndian: address.sin_port))"])
      #expect(stranger.code == 1 && stranger.output.contains("(pid \(getpid()))"), "\(stranger.output)")
    }

    @Test("wrong usage is no finding")
    func usage() throws {
      #expect(try doctor(["--workers", "many"]).code == 2)
    }

    private func doctor(_ arguments: [String]) throws -> (code: Int32, output: String) {
      let sandbox = try Sandbox()
      let program = try Program(
        Program.path("wsserver"),
        ["doctor", "--state", sandbox.path, "--metrics-listen", "none"]
          + (arguments.contains("--listen") ? [] : ["--listen", "127.0.0.1:0"]) + arguments, in: sandbox)
      let code = try program.exitCode(within: 15, "the doctor ends")
      return (code, program.output)
    }
  }
}
