import Glibc
import Testing

/// What the tests of restarts do to a server, and what they ask it after.
extension Server {
  /// Nobody noticed anything.
  static let clean =
    "drops==0 && lost==0 && duplicated==0 && reordered==0 && corrupt==0 && open_at_end==wanted"

  func console(_ arguments: String...) throws -> Program {
    try Program(Program.path("wsconsole"), arguments + stateArguments, in: sandbox)
  }

  /// What a console's command prints, and its exit code.
  func order(_ arguments: String...) throws -> (code: Int32, output: String) {
    let console = try Program(Program.path("wsconsole"), arguments + stateArguments, in: sandbox)
    return (try console.exitCode(within: 20, "wsconsole \(arguments)"), console.output)
  }

  /// wsload against this server, with its verdict as the exit code.
  func load(_ arguments: [String], path: String = "/ws?mode=echo&notify=0") throws -> Program {
    try Program(
      Program.path("wsload"), ["ws://127.0.0.1:\(port)\(path)", "--quiet"] + arguments, in: sandbox,
      environment: ["SLUICE_STATE": sandbox.path])
  }

  /// A failure of `body` is told with what the server said last.
  func explained(_ body: () throws -> Void) throws {
    do { try body() } catch { throw Trouble("\(error)\n\(program.output.suffix(4000))") }
  }

  /// A field of this host's record.
  func recorded(_ field: String) throws -> String? {
    let line = try askRedis()
    let host = try line.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
    return try line.ask("HGET", RedisWire.key("host:\(host)"), field).text
  }

  /// A slot has changed hands so often by now, and each has its standby again.
  func isSettled(after successions: Int, slots: Int = 2) throws -> Bool {
    try recorded("restarts") == "\(successions)" && areGuarded(slots: slots)
  }

  func settled(after successions: Int, slots: Int = 2) throws {
    try Deadline.until(10, "\(successions) successions, and all slots guarded") {
      try isSettled(after: successions, slots: slots)
    }
  }

  /// Everybody who counts sockets counts so many: `GET /`, the host's record, the workers' records.
  func agreed(on count: Int, slots: Int = 2) throws {
    try self.count(becomes: count)
    let line = try askRedis()
    let host = try line.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
    try Deadline.until(5, "\(count) sockets in the records") {
      let sum = try (0..<slots).reduce(0) { sum, slot in
        let told = try line.ask("HGET", RedisWire.key("worker:\(host):\(slot)"), "sockets_ws").text
        return sum + (told.flatMap { Int($0) } ?? 0)
      }
      return try sum == count && recorded("sockets") == "\(count)"
    }
  }
}
