import EventLoop
import FleetState
import JSONText

/// A client as Redis knows it: where it is, what it has joined, what was kept for it.
struct ClientRecord: Equatable {
  let client: ClientID
  /// Nil while it is away.
  let holder: Holder?
  private(set) var since: UInt64?
  private(set) var peer = ""
  private(set) var groups: [Name] = []
  /// Names with JSON texts.
  private(set) var data: [Datum] = []

  struct Datum: Equatable {
    let key: String
    let json: String
  }

  /// Whoever reaches our Redis may have written it: what is no field of ours is passed over.
  init(_ client: ClientID, holder: Holder?, fields: [(String, String)]) {
    self.client = client
    self.holder = holder
    for (name, value) in fields {
      switch name {
      case "since": since = UInt64(value)
      case "peer": peer = value
      case _ where name.hasPrefix("g:"): if let group = Name(name.dropFirst(2)) { groups.append(group) }
      case _ where name.hasPrefix("d:"):
        if let value = try? JSONValue.read(value) {
          data.append(Datum(key: String(name.dropFirst(2)), json: value.text(.spaced)))
        }
      case _: continue
      }
    }
    groups.sort()
    data.sort { $0.key < $1.key }
  }

  /// The body of `GET /clients/{id}`.
  var json: String {
    var writer = JSONWriter(style: .spaced)
    writer.beginObject()
    writer.member("client_id", client.text)
    writer.member("connected", holder != nil)
    if let holder {
      writer.member("host", holder.host.text)
      writer.member("worker", holder.slot)
      writer.member("peer", peer)
      let nanoseconds = (since ?? 0).multipliedReportingOverflow(by: 1_000_000)
      if !nanoseconds.overflow {
        writer.member("since", Timestamp(unixNanoseconds: nanoseconds.partialValue).description)
      }
    }
    writer.array("groups") { writer in for group in groups { writer.string(group.text) } }
    writer.object("data") { writer in
      for datum in data {
        writer.name(datum.key)
        writer.raw(datum.json.utf8.span)
      }
    }
    writer.endObject()
    return writer.text
  }
}
