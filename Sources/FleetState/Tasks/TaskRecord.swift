import Bytes
package import JSONText

/// A task as its hash in Redis tells of it.
package struct TaskRecord: Equatable, Sendable {
  package let id: Name
  package let kind: TaskWork.Kind
  package let payload: String
  package let client: ClientID?
  /// Milliseconds since 1970.
  package let created: Int64
  package private(set) var last: TaskEvent
  /// A sleep's end by Redis' clock, once it has begun.
  package let due: Int64?
  /// How often a worker has begun it, interrupted ones included.
  package let runs: Int

  /// What of its hash is ever shown: all but the payload, which may be long.
  package static let shown = [
    "kind", "status", "attempt", "ts", "reason", "created", "client", "due", "runs",
  ]

  /// A new one, which nobody has begun.
  package init(_ id: Name, _ request: TaskRequest, at now: Int64) {
    self.id = id
    kind = request.kind
    payload = request.payload
    client = request.client
    created = now
    last = TaskEvent(id, .queued, attempt: 1, at: now)
    due = nil
    runs = 0
  }

  /// Nil for what is no task of ours. Whoever reaches our Redis may have written it.
  package init?(_ id: Name, _ fields: Fields) {
    guard let kind = fields.raw("kind").flatMap({ TaskWork.Kind(rawValue: $0) }),
      let status = fields.raw("status").flatMap({ TaskStatus(rawValue: $0) })
    else { return nil }
    self.id = id
    self.kind = kind
    payload = fields.raw("payload") ?? ""
    client = fields.client
    created = fields.number("created") ?? 0
    due = fields.number("due")
    runs = fields.count("runs")
    let reason = fields.text("reason", limit: TaskSettlement.longestReason)
    last = TaskEvent(
      id, status, attempt: fields.count("attempt"), at: fields.number("ts") ?? 0,
      reason: reason.isEmpty ? nil : reason)
  }

  /// The same from the values of `shown`, in that order.
  package init?(_ id: Name, shown values: [String?]) {
    let pairs = zip(Self.shown, values).compactMap { name, value in value.map { (name, $0) } }
    self.init(id, Fields(pairs))
  }

  /// What its hash begins with.
  package func fields(of work: TaskWork) -> Fields {
    var fields = Self.fields(of: last)
    fields.set("kind", kind.rawValue)
    fields.set("payload", payload)
    fields.set("created", created)
    fields.set("client", ifAny: client?.text)
    if case .sleep(let milliseconds) = work { fields.set("lasts", milliseconds) }
    return fields
  }

  /// What a change writes.
  package static func fields(of event: TaskEvent) -> Fields {
    var fields = Fields()
    fields.set("status", event.status.rawValue)
    fields.set("attempt", event.attempt)
    fields.set("ts", event.at)
    fields.set("reason", event.reason ?? "")
    return fields
  }

  /// What it does. The payload has been read before, but by whom?
  package func work(configured: WebhookURL?) throws(TaskRefusal) -> TaskWork {
    if payload.isEmpty { return try TaskWork(kind, nil, configured: configured) }
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.read(payload) } catch {
      throw TaskRefusal("the payload is no JSON: \(error)")
    }
    return try TaskWork(kind, value, configured: configured)
  }

  package func write(to json: inout JSONWriter) {
    json.beginObject()
    writeMembers(to: &json)
    json.endObject()
  }

  package func writeMembers(to json: inout JSONWriter) {
    last.writeMembers(to: &json)
    json.member("kind", kind.rawValue)
    json.name("created")
    json.number(Double(created) / 1000)
    if let client { json.member("client_id", client.text) }
  }
}

extension Fields {
  /// Of a task: the client that is told of it, too.
  package var client: ClientID? { raw("client").flatMap { ClientID($0) } }
}
