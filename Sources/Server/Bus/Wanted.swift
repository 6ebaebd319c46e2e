import Bytes
import FleetState
import JSONText

/// What the body of `POST /broadcast` asks for.
struct Wanted: Equatable {
  let text: String
  let form: BusEntry.Form
  let halls: Halls
  /// Whoever bears this name is not told.
  let exclude: ClientID?
  /// Of two requests with the same one, the second changes nothing.
  let idempotencyKey: String?

  static let longestKey = 128

  struct Refusal: Error, Equatable {
    let reason: String
  }

  /// `{"message": text or JSON, "halls"?: ["ws", …], "exclude"?: id, "idempotency_key"?: text}`. JSON is sent on as its
  /// text.
  init(_ body: Span<UInt8>) throws(Refusal) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.read(body) } catch {
      throw Refusal(reason: "the body is no JSON: \(error)")
    }
    guard case .object = value else { throw Refusal(reason: "the body has to be an object with a message") }
    switch value["message"] {
    case nil, .null: throw Refusal(reason: "message is missing")
    case .string(let text):
      self.text = text
      form = .text
    case .some(let other):
      text = other.text(.spaced)
      form = .json
    }
    halls = try Self.halls(value["halls"])
    exclude = try Self.client(value["exclude"])
    idempotencyKey = try Self.key(value["idempotency_key"])
  }

  private static func client(_ value: JSONValue?) throws(Refusal) -> ClientID? {
    switch value {
    case nil, .null: return nil
    case .some(let some):
      if let client = some.string.flatMap({ ClientID($0) }) { return client }
      throw Refusal(reason: "exclude is a client's id")
    }
  }

  private static func key(_ value: JSONValue?) throws(Refusal) -> String? {
    switch value {
    case nil, .null: return nil
    case .some(let some):
      if let key = some.string, !key.isEmpty, key.utf8.count <= longestKey { return key }
      throw Refusal(reason: "idempotency_key is a text of up to \(longestKey) bytes")
    }
  }

  private static func halls(_ value: JSONValue?) throws(Refusal) -> Halls {
    let names: [String]
    switch value {
    case nil, .null: return .all
    case .string(let name): names = [name]
    case .array(let elements):
      names = elements.compactMap(\.string)
      // Half understood is not sent.
      if names.count < elements.count { throw Refusal(reason: Self.hallsAre) }
    case .some: names = []
    }
    guard let halls = Halls(names.joined(separator: ",")) else {
      throw Refusal(reason: Self.hallsAre)
    }
    return halls
  }

  private static let hallsAre = "halls is a list of ws, chat, clients and tasks"
}
