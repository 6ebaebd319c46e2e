import Foundation

/// What the tests of tasks ask of a server.
extension Server {
  /// Asks for a task and returns its id.
  func task(_ body: String) throws -> String {
    let reply = try http("POST", "/tasks", body: body)
    guard reply.status == 202 else { throw Trouble("\(reply.status) \(reply.body) for \(body)") }
    return try Self.member("task_id", of: reply.body)
  }

  func status(of task: String) throws -> String {
    try Self.member("status", of: http("GET", "/tasks/\(task)").body)
  }

  func task(_ id: String, becomes status: String, within seconds: Double = 10) throws {
    try Deadline.until(seconds, "task \(id) is \(status)\n\(program.output.suffix(1000))") {
      try self.status(of: id) == status
    }
  }

  static func member(_ name: String, of json: String) throws -> String {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    guard let value = object?[name] else { throw Trouble("no \(name) in \(json)") }
    return "\(value)"
  }
}

extension RedisWire {
  /// How often the bus carries the effect of each task.
  func effects() throws -> [String: Int] {
    var effects: [String: Int] = [:]
    for entry in try ask("XRANGE", Self.key("bus:0"), "-", "+").list {
      if let task = entry.list.last?.pairs["t"] { effects[task, default: 0] += 1 }
    }
    return effects
  }
}

extension WebClient {
  /// The next event of a task: its id, its status and its attempt.
  func event(within seconds: Double = 10) throws -> (task: String, status: String, attempt: String) {
    let text = try text(within: seconds, "an event of a task")
    return try (
      Server.member("task_id", of: text), Server.member("status", of: text),
      Server.member("attempt", of: text)
    )
  }
}
