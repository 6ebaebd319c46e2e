import Bytes
import JSONText

/// What the body of `POST /tasks` asks for.
package struct TaskRequest: Equatable, Sendable {
  package let kind: TaskWork.Kind
  package let work: TaskWork
  /// As it was sent, to be kept.
  package let payload: String
  package let delay: Int64
  package let client: ClientID?
  package let idempotencyKey: String?

  private static let longestKey = 128

  /// `{"kind": "sleep|broadcast|webhook", "payload"?, "client_id"?, "idempotency_key"?}`
  package init(_ body: Span<UInt8>, configured: WebhookURL? = nil) throws(TaskRefusal) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.read(body) } catch {
      throw TaskRefusal("the body is no JSON: \(error)")
    }
    guard case .object = value else { throw TaskRefusal("the body has to be an object with a kind") }
    guard let kind = value["kind"]?.string.flatMap({ TaskWork.Kind(rawValue: $0) }) else {
      throw TaskRefusal("kind has to be sleep, broadcast or webhook")
    }
    self.kind = kind
    let given = value["payload"]
    work = try TaskWork(kind, given, configured: configured)
    delay = try TaskWork.delay(kind, given)
    payload = given?.text() ?? ""
    if payload.utf8.count > TaskWork.longestPayload {
      throw TaskRefusal("payload is longer than \(TaskWork.longestPayload) bytes")
    }
    client = try Self.client(value["client_id"])
    idempotencyKey = try Self.key(value["idempotency_key"])
  }

  private static func client(_ value: JSONValue?) throws(TaskRefusal) -> ClientID? {
    if value == nil || value == .null { return nil }
    guard let client = value?.string.flatMap({ ClientID($0) }) else {
      throw TaskRefusal("client_id has to be 1 to \(ClientID.longest) bytes without blanks and /")
    }
    return client
  }

  private static func key(_ value: JSONValue?) throws(TaskRefusal) -> String? {
    if value == nil || value == .null { return nil }
    guard let key = value?.string, (1...longestKey).contains(key.utf8.count),
      key.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { throw TaskRefusal("idempotency_key has to be a text of 1 to \(longestKey) bytes") }
    return key
  }
}
