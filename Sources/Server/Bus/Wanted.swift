import Bytes
import FleetState
import JSONText

/// What the body of `POST /broadcast` asks for.
struct Wanted: Equatable {
  let text: String
  let form: BusEntry.Form
  let halls: Halls

  struct Refusal: Error, Equatable {
    let reason: String
  }

  /// `{"message": text or JSON, "halls"?: ["ws", …]}`. JSON is sent on as its text.
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
