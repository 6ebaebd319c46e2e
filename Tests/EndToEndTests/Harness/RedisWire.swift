import Glibc

/// A redis-server of the test's own, for servers that are to share one.
final class OutsideRedis {
  let sandbox: Sandbox
  private(set) var program: Program
  var socketPath: String { "\(sandbox.path)/outside.sock" }
  var url: String { "unix:\(socketPath)" }

  init() throws {
    sandbox = try Sandbox()
    program = try Self.start(in: sandbox)
  }

  /// It comes back on the same socket and with the same data, as one that is restarted by its operator.
  func restart() throws {
    program.signal(SIGKILL)
    _ = try program.exitCode(within: 5, "redis-server is killed")
    program = try Self.start(in: sandbox)
  }

  func kill() throws {
    program.signal(SIGKILL)
    _ = try program.exitCode(within: 5, "redis-server is killed")
  }

  private static func start(in sandbox: Sandbox) throws -> Program {
    let path = "\(sandbox.path)/outside.sock"
    unlink(path)
    let program = try Program(
      "/usr/bin/redis-server",
      ["--port", "0", "--unixsocket", path, "--dir", sandbox.path, "--save", "", "--appendonly", "yes"],
      in: sandbox)
    try Deadline.until(10, "redis-server answers") {
      (try? RedisWire(path: path).ask("PING")) == .text("PONG")
    }
    return program
  }
}

/// A connection to Redis for tests: one command, one answer.
final class RedisWire {
  enum Value: Equatable {
    case text(String)
    case number(Int)
    case list([Value])
    case nothing
    case error(String)

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { number } else { nil } }
    var list: [Value] { if case .list(let list) = self { list } else { [] } }

    /// A hash, or the fields of a stream entry.
    var pairs: [String: String] {
      let words = list.map { $0.text ?? "" }
      var pairs: [String: String] = [:]
      for index in stride(from: 0, to: words.count - 1, by: 2) { pairs[words[index]] = words[index + 1] }
      return pairs
    }
  }

  private let wire: Wire

  init(path: String) throws { wire = try Wire(path: path) }

  @discardableResult
  func ask(_ words: String...) throws -> Value { try ask(words) }

  func ask(_ words: [String]) throws -> Value {
    var text = "*\(words.count)\r\n"
    for word in words { text += "$\(word.utf8.count)\r\n\(word)\r\n" }
    try wire.send(Array(text.utf8))
    return try wire.take(within: 5, "Redis' answer to \(words[0])") { bytes in
      var cursor = 0
      guard let value = Self.parse(bytes, &cursor) else { return nil }
      return (value, cursor)
    }
  }

  private static func parse(_ bytes: [UInt8], _ cursor: inout Int) -> Value? {
    guard let end = bytes[cursor...].firstIndex(of: 13), end + 1 < bytes.count else { return nil }
    let line = String(decoding: bytes[cursor + 1..<end], as: UTF8.self)
    let kind = bytes[cursor]
    cursor = end + 2
    let number = Int(line) ?? 0
    switch kind {
    case UInt8(ascii: "+"): return .text(line)
    case UInt8(ascii: "-"): return .error(line)
    case UInt8(ascii: ":"): return .number(number)
    case UInt8(ascii: "$"):
      if number < 0 { return .nothing }
      guard bytes.count >= cursor + number + 2 else { return nil }
      defer { cursor += number + 2 }
      return .text(String(decoding: bytes[cursor..<cursor + number], as: UTF8.self))
    default:
      if number < 0 { return .nothing }
      var list: [Value] = []
      for _ in 0..<number {
        guard let value = parse(bytes, &cursor) else { return nil }
        list.append(value)
      }
      return .list(list)
    }
  }
}

/// The operator's side of the fleet's streams.
extension RedisWire {
  static func key(_ name: String) -> String { "sluice:{default}:\(name)" }

  /// Gives a command and waits for its answer on `events`.
  func command(_ id: String, _ verb: String, _ more: String...) throws -> [String: String] {
    _ = try ask(
      ["XADD", Self.key("control"), "*", "id", id, "verb", verb, "target", "*", "issuer", "test"] + more)
    var answer: [String: String] = [:]
    try Deadline.until(5, "an answer to \(verb)") {
      // The steps of a roll name their command, too.
      for event in try events() where event["command"] == id && event["answer"] != nil { answer = event }
      return !answer.isEmpty
    }
    return answer
  }

  func events() throws -> [[String: String]] {
    try ask("XRANGE", Self.key("events"), "-", "+").list.compactMap { $0.list.last?.pairs }
  }
}
