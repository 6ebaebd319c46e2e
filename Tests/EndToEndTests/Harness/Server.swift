import Glibc

/// A wsserver with a Redis, a port and a directory of its own.
final class Server {
  let sandbox: Sandbox
  let program: Program
  let port: UInt16
  /// The guardian, if it is another than the program that was started.
  var nextGuardian: pid_t?

  var stateArguments: [String] { ["--state", sandbox.path] }

  init(
    _ arguments: [String] = [], workers: Int = 2, sandbox: Sandbox? = nil, environment: [String: String] = [:]
  ) throws {
    let sandbox = try sandbox ?? Sandbox()
    self.sandbox = sandbox
    program = try Program(
      Program.path("wsserver"),
      [
        "--listen", "127.0.0.1:0", "--workers", "\(workers)", "--metrics-listen", "none", "--state",
        sandbox.path,
      ] + arguments, in: sandbox, environment: environment)
    let line = try program.line(with: "listening on ")
    guard let text = line.split(separator: " ").first(where: { $0.hasPrefix("127.0.0.1:") }),
      let port = UInt16(text.split(separator: ":")[1].prefix { $0.isNumber })
    else { throw Trouble("no port in '\(line)'") }
    self.port = port
  }

  func client(_ path: String = "/ws", fields: [String] = []) throws -> WebClient {
    try WebClient(port: port, path: path, fields: fields)
  }

  func http(_ method: String, _ path: String, body: String = "", fields: [String] = []) throws -> Reply {
    try Reply.ask(port: port, method, path, body: body, fields: fields)
  }

  var redisSocket: String { "\(sandbox.path)/redis.sock" }

  func askRedis() throws -> RedisWire { try RedisWire(path: redisSocket) }

  /// Waits until `GET /` tells this fleet-wide count.
  func count(becomes count: Int, within seconds: Double = 5) throws {
    try Deadline.until(seconds, "\(count) sockets counted") {
      try http("GET", "/").body.hasSuffix(#""global_active_connections": \#(count)}"#)
    }
  }

  /// The processes that serve, by slot.
  var workers: [pid_t] { processes("wsserver/w") }

  /// Those that stand by, by slot.
  var standbys: [pid_t] { processes("wsserver/s") }

  /// Worker and standby of a slot.
  func processes(ofSlot slot: Int) -> [pid_t] {
    processes("wsserver/w\(slot)") + processes("wsserver/s\(slot)")
  }

  /// Waits until a dead worker of any slot would cost nobody.
  func guarded(slots: Int = 2) throws {
    try Deadline.until(10, "every slot has its standby") { try areGuarded(slots: slots) }
  }

  /// The same by a record written after this moment: the one that stands may be from before a kill.
  func freshlyGuarded(slots: Int = 2) throws {
    let line = try askRedis()
    let key = RedisWire.key("host:\(try line.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? "")")
    try line.ask("HDEL", key, "guarded")
    try guarded(slots: slots)
  }

  func areGuarded(slots: Int = 2) throws -> Bool {
    let line = try askRedis()
    let host = try line.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
    return try line.ask("HGET", RedisWire.key("host:\(host)"), "guarded") == .text("\(slots)")
  }

  /// The one that leads; the program that was started is its guardian.
  var supervisor: pid_t? { processes("wsserver/lead").first }

  /// Those that end TLS, by slot.
  var gates: [pid_t] { processes("wsserver/g") }

  /// The port of the wss listener.
  var securePort: UInt16 {
    get throws {
      let line = try program.line(with: "wss://127.0.0.1:")
      guard let digits = line.split(separator: "wss://127.0.0.1:").last?.prefix(while: \.isNumber),
        let port = UInt16(digits)
      else { throw Trouble("no wss in '\(line)'") }
      return port
    }
  }

  var redis: pid_t? { processes("redis-server").first }

  private func processes(_ prefix: String) -> [pid_t] {
    let named = children.compactMap { pid -> (String, pid_t)? in
      guard let name = try? String(contentsOfFile: "/proc/\(pid)/comm"), name.hasPrefix(prefix) else {
        return nil
      }
      return (name, pid)
    }
    return named.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Everything that it has started and that lives.
  var children: [pid_t] { Self.descendants(of: nextGuardian ?? program.pid) }

  private static func descendants(of pid: pid_t) -> [pid_t] {
    let list = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children")) ?? ""
    let children = list.split(separator: " ").compactMap { pid_t($0) }
    return children + children.flatMap(descendants)
  }

  /// A whole host dies: whoever would start somebody anew stands still first.
  func killAll() {
    let leaders = [nextGuardian ?? program.pid] + [supervisor].compactMap { $0 }
    for pid in leaders { kill(pid, SIGSTOP) }
    for pid in leaders + children { kill(pid, SIGKILL) }
  }

  deinit { killAll() }
}

extension String {
  init(contentsOfFile path: String) throws {
    guard let file = fopen(path, "r") else { throw Trouble("cannot read \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    self = String(decoding: bytes, as: UTF8.self)
  }
}
