package import JSONText

/// What a task does, read from its kind and its payload.
package enum TaskWork: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable { case sleep, broadcast, webhook }

  case sleep(milliseconds: Int64)
  case broadcast(text: String, form: BusEntry.Form, halls: Halls)
  case webhook(WebhookURL, body: String)

  package static let longestSleep = 86_400.0
  /// Of one payload as JSON text.
  package static let longestPayload = 64 << 10
  private static let standardSleep = 1.0

  /// `configured` is where a webhook without a URL of its own goes.
  package init(_ kind: Kind, _ payload: JSONValue?, configured: WebhookURL? = nil) throws(TaskRefusal) {
    switch kind {
    case .sleep: self = .sleep(milliseconds: try Self.seconds(payload, "seconds", or: Self.standardSleep))
    case .broadcast: self = try Self.broadcast(payload)
    case .webhook: self = try Self.webhook(payload, configured)
    }
  }

  /// How long after its acceptance it may begin.
  package static func delay(_ kind: Kind, _ payload: JSONValue?) throws(TaskRefusal) -> Int64 {
    switch kind {
    case .sleep: return 0
    case .webhook where payload?["url"] == nil: return 0
    case .broadcast, .webhook: return try seconds(payload?["delay"], "delay", or: 0)
    }
  }

  /// `3`, `2.5`, or an object with that member.
  private static func seconds(
    _ value: JSONValue?, _ name: String, or standard: Double
  ) throws(TaskRefusal) -> Int64 {
    let found: JSONValue?
    switch value {
    case .object: found = value?[name]
    case nil, .null, .bool, .integer, .number, .string, .array: found = value
    }
    switch found {
    case nil, .null: return Int64(standard * 1000)
    case .integer, .number:
      guard let seconds = found?.number, (0...longestSleep).contains(seconds) else { break }
      return Int64(seconds * 1000)
    case .bool, .string, .array, .object: break
    }
    throw TaskRefusal("\(name) has to be a number from 0 to \(Int(longestSleep))")
  }

  /// `"text"`, or `{"message": text or JSON, "halls"?: ["ws", …], "delay"?: seconds}`.
  private static func broadcast(_ payload: JSONValue?) throws(TaskRefusal) -> TaskWork {
    if case .string(let text)? = payload {
      return .broadcast(text: text, form: .text, halls: .all)
    }
    let halls = try Self.halls(payload?["halls"])
    switch payload?["message"] {
    case nil, .null: throw TaskRefusal("payload.message is missing")
    case .string(let text): return .broadcast(text: text, form: .text, halls: halls)
    case .some(let other): return .broadcast(text: other.text(.spaced), form: .json, halls: halls)
    }
  }

  private static func halls(_ value: JSONValue?) throws(TaskRefusal) -> Halls {
    let names: [String?]
    switch value {
    case nil, .null: return .all
    case .string(let name): names = [name]
    case .array(let elements): names = elements.map(\.string)
    case .bool, .integer, .number, .object: names = [nil]
    }
    // Half understood is not sent.
    guard names.allSatisfy({ $0 != nil }),
      let halls = Halls(names.compactMap { $0 }.joined(separator: ","))
    else { throw TaskRefusal("payload.halls is a list of ws, chat, clients and tasks") }
    return halls
  }

  /// `{"url": "http://…", "body"?: JSON, "delay"?: seconds}`; without `url` the payload itself goes to the
  /// configured one.
  private static func webhook(
    _ payload: JSONValue?, _ configured: WebhookURL?
  ) throws(TaskRefusal) -> TaskWork {
    switch payload?["url"] {
    case .string(let text):
      guard let url = WebhookURL(text) else {
        throw TaskRefusal("payload.url has to be http://HOST[:PORT]/PATH, or https")
      }
      return .webhook(url, body: (payload?["body"] ?? .null).text())
    case nil, .null:
      guard let configured else { throw TaskRefusal("payload.url is missing") }
      return .webhook(configured, body: (payload ?? .null).text())
    case .bool, .integer, .number, .array, .object:
      throw TaskRefusal("payload.url has to be a text")
    }
  }
}
