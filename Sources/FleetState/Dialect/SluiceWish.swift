import Bytes
import JSONText

/// What a client of `sluice.v1` asks for (CONTRACT 3): one JSON object, with an `id` if it wants to be answered by it.
package struct SluiceWish: Equatable, Sendable {
  package enum Ask: Equatable, Sendable {
    case publish(channel: Name, data: Words)
    case send(to: ClientID, data: Words)
    case join(Name)
    case leave(Name)
    case set(key: Name, value: String)
    case get(key: Name)
    case resume(token: String, epoch: String, offset: EntryID)
    case ping
  }

  /// What is said: a text, or any other JSON as its text.
  package struct Words: Equatable, Sendable {
    package let text: String
    package let form: BusEntry.Form

    init(_ value: JSONValue) {
      if case .string(let text) = value {
        self.text = text
        form = .text
      } else {
        text = value.text()
        form = .json
      }
    }

    var json: String { form == .text ? JSONValue.string(text).text() : text }
  }

  package var ask: Ask
  /// As JSON text, so that it goes back as it came.
  package var id: String?

  package init(_ ask: Ask, id: String? = nil) {
    self.ask = ask
    self.id = id
  }

  /// What was not understood, and by which `id` to answer.
  package struct Refusal: Error, Equatable {
    package let id: String?
    package let message: String
  }

  package static let subprotocol = "sluice.v1"
  private static let longestID = 64
  private static let longestToken = 512

  package init(_ text: Span<UInt8>) throws(Refusal) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.read(text) } catch {
      throw Refusal(id: nil, message: "this is no JSON: \(error)")
    }
    guard case .object = value else { throw Refusal(id: nil, message: "a message is an object with a type") }
    id = try Self.id(value["id"])
    ask = try Self.ask(value, id)
  }

  /// A text or a whole number.
  private static func id(_ value: JSONValue?) throws(Refusal) -> String? {
    switch value {
    case nil, .null: return nil
    case .string, .integer:
      if let text = value?.text(), text.utf8.count <= longestID { return text }
    case .some: break
    }
    throw Refusal(id: nil, message: "id is a text or a whole number of up to \(longestID) bytes")
  }

  private static func ask(_ value: JSONValue, _ id: String?) throws(Refusal) -> Ask {
    switch value["type"]?.string {
    case "publish":
      return .publish(channel: try name(value, "channel", id), data: Words(try data(value, "data", id)))
    case "send": return .send(to: try client(value, id), data: Words(try data(value, "data", id)))
    case "join": return .join(try name(value, "channel", id))
    case "leave": return .leave(try name(value, "channel", id))
    case "set": return .set(key: try name(value, "key", id), value: try data(value, "value", id).text())
    case "get": return .get(key: try name(value, "key", id))
    case "resume": return try resume(value, id)
    case "ping": return .ping
    case nil: throw Refusal(id: id, message: "type is missing")
    case .some:
      throw Refusal(id: id, message: "type is publish, send, join, leave, set, get, resume or ping")
    }
  }

  private static func name(_ value: JSONValue, _ member: String, _ id: String?) throws(Refusal) -> Name {
    if let name = value[member]?.string.flatMap({ Name($0) }) { return name }
    throw Refusal(id: id, message: "\(member) is 1 to 64 of A-Z a-z 0-9 _ . -")
  }

  private static func client(_ value: JSONValue, _ id: String?) throws(Refusal) -> ClientID {
    if let client = value["to"]?.string.flatMap({ ClientID($0) }) { return client }
    throw Refusal(id: id, message: "to is the name of a client, 1 to 64 bytes")
  }

  private static func data(_ value: JSONValue, _ member: String, _ id: String?) throws(Refusal) -> JSONValue {
    if let data = value[member] { return data }
    throw Refusal(id: id, message: "\(member) is missing")
  }

  private static func resume(_ value: JSONValue, _ id: String?) throws(Refusal) -> Ask {
    guard let token = value["token"]?.string, token.utf8.count <= longestToken,
      let epoch = value["epoch"]?.string, epoch.utf8.count <= Name.longest,
      let offset = value["offset"]?.string.flatMap({ EntryID($0) })
    else { throw Refusal(id: id, message: "resume has the token, epoch and offset of a welcome") }
    return .resume(token: token, epoch: epoch, offset: offset)
  }

  // MARK: The client's side

  package func text() -> String {
    var writer = JSONWriter()
    writer.beginObject()
    switch ask {
    case .publish(let channel, let data):
      writer.member("type", "publish")
      writer.member("channel", channel.text)
      writer.name("data")
      writer.raw(data.json.utf8.span)
    case .send(let client, let data):
      writer.member("type", "send")
      writer.member("to", client.text)
      writer.name("data")
      writer.raw(data.json.utf8.span)
    case .join(let channel):
      writer.member("type", "join")
      writer.member("channel", channel.text)
    case .leave(let channel):
      writer.member("type", "leave")
      writer.member("channel", channel.text)
    case .set(let key, let value):
      writer.member("type", "set")
      writer.member("key", key.text)
      writer.name("value")
      writer.raw(value.utf8.span)
    case .get(let key):
      writer.member("type", "get")
      writer.member("key", key.text)
    case .resume(let token, let epoch, let offset):
      writer.member("type", "resume")
      writer.member("token", token)
      writer.member("epoch", epoch)
      writer.member("offset", offset.description)
    case .ping: writer.member("type", "ping")
    }
    if let id {
      writer.name("id")
      writer.raw(id.utf8.span)
    }
    writer.endObject()
    return writer.text
  }
}
