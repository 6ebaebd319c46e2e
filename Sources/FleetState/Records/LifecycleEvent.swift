package import JSONText

/// A socket's coming or going, as an entry of the stream `lifecycle` and as the body of a webhook.
package struct LifecycleEvent: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case connect
    case disconnect(Farewell)
  }

  /// What is known of a socket when it goes.
  package struct Farewell: Equatable, Sendable {
    package var how: Ending
    package var milliseconds: Int64
    package var messages: UInt64

    package init(how: Ending, milliseconds: Int64, messages: UInt64) {
      self.how = how
      self.milliseconds = milliseconds
      self.messages = messages
    }
  }

  /// By its own doing or the network's, sent away by a drain in its turn, or at the drain's end.
  package enum Ending: String, CaseIterable, Sendable { case left, drained, forced }

  /// The same if it is noted twice, as after a crash.
  package var id: Name
  package var kind: Kind
  package var hall: Hall
  /// Client id or session; plain sockets of `ws` have none.
  package var name: String?
  package var peer: String
  package var host: Name
  package var slot: Int
  /// Unix time in milliseconds.
  package var at: Int64

  package init(
    _ id: Name, _ kind: Kind, hall: Hall, name: String?, peer: String, host: Name, slot: Int, at: Int64
  ) {
    self.id = id
    self.kind = kind
    self.hall = hall
    self.name = name
    self.peer = peer
    self.host = host
    self.slot = slot
    self.at = at
  }

  // MARK: As an entry

  package var fields: Fields {
    var fields = Fields()
    fields.set("id", id.text)
    switch kind {
    case .connect: fields.set("event", "connect")
    case .disconnect(let farewell):
      fields.set("event", "disconnect")
      fields.set("how", farewell.how.rawValue)
      fields.set("duration_ms", farewell.milliseconds)
      fields.set("messages", farewell.messages)
    }
    fields.set("hall", hall.description)
    fields.set("name", ifAny: name)
    fields.set("peer", peer)
    fields.set("host", host.text)
    fields.set("worker", slot)
    fields.set("ts", at)
    return fields
  }

  /// Nil for what is no such entry.
  package init?(_ fields: Fields) {
    guard let hall = fields.raw("hall").flatMap({ Hall($0) }), let host = fields.name("host"),
      let id = fields.name("id")
    else { return nil }
    switch fields.raw("event") {
    case "connect": kind = .connect
    case "disconnect":
      guard let how = fields.raw("how").flatMap({ Ending(rawValue: $0) }) else { return nil }
      kind = .disconnect(
        Farewell(
          how: how, milliseconds: Int64(fields.count("duration_ms")),
          messages: UInt64(fields.count("messages"))))
    case _: return nil
    }
    self.id = id
    self.hall = hall
    self.host = host
    name = fields.raw("name")
    peer = fields.text("peer")
    slot = fields.count("worker")
    at = Int64(fields.count("ts"))
  }

  // MARK: As a body

  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("id", id.text)
    switch kind {
    case .connect: json.member("event", "connect")
    case .disconnect: json.member("event", "disconnect")
    }
    json.member("hall", hall.description)
    json.member("name", orNull: name)
    json.member("peer", peer)
    json.member("host", host.text)
    json.member("worker", slot)
    json.member("ts", at)
    if case .disconnect(let farewell) = kind {
      json.member("how", farewell.how.rawValue)
      json.member("duration_ms", farewell.milliseconds)
      json.member("messages", farewell.messages)
    }
    json.endObject()
  }
}
