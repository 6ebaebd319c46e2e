import Bytes
import FleetState
import JSONText

/// What an entry of the bus reads like, in each dress.
struct Rendering: ~Copyable {
  private var scratch = ByteBuffer()

  /// Lends the words of one message to `body`, or does not call it where that dress has no words for it.
  mutating func render(
    _ message: BusEntry, _ payload: Span<UInt8>, id: EntryID?, as dress: Dress, _ body: (Span<UInt8>) -> Void
  ) {
    switch (message.kind, dress) {
    case (.claim, _), (.close, _), (.joins, _), (.parts, _), (.answer, _): return
    case (.presence(let group, let joined), .sluice): presence(group, joined, message.from)
    case (.presence, _): return
    case (.hall(.clients), .plain): said(by: message.from, payload, message.form)
    case (.broadcast, .wrapped): wrapped(payload, message.form)
    case (.task, .sluice): task(payload, id)
    case (.broadcast, .sluice): told("message", message, payload, id, channel: "broadcast")
    case (.hall(let hall), .sluice): told("message", message, payload, id, channel: hall.name)
    case (.group(let group), .sluice): told("message", message, payload, id, channel: group.text)
    case (.direct, .sluice): told("direct", message, payload, id, channel: nil)
    case (.hall, _), (.group, _), (.direct, _), (.task, _), (.broadcast, .plain): return body(payload)
    }
    body(scratch.bytes)
    scratch.clear()
    scratch.trim(above: Self.kept)
  }

  private static let kept = 64 << 10

  private mutating func presence(_ group: Name, _ joined: Bool, _ who: ClientID?) {
    scratch.append("{\"type\":\"presence\",\"channel\":")
    JSONWriter.append(string: group.text, to: &scratch)
    scratch.append(joined ? ",\"joined\":" : ",\"left\":")
    JSONWriter.append(string: who?.text ?? "", to: &scratch)
    scratch.append(UInt8(ascii: "}"))
  }

  private mutating func said(by user: ClientID?, _ payload: Span<UInt8>, _ form: BusEntry.Form) {
    scratch.append("{\"user\": ")
    JSONWriter.append(string: user?.text ?? "", to: &scratch)
    scratch.append(", \"message\": ")
    append(payload, form)
    scratch.append(UInt8(ascii: "}"))
  }

  private mutating func wrapped(_ payload: Span<UInt8>, _ form: BusEntry.Form) {
    scratch.append("{\"type\": \"broadcast\", \"message\": ")
    append(payload, form)
    scratch.append(UInt8(ascii: "}"))
  }

  private mutating func told(
    _ type: StaticString, _ message: BusEntry, _ payload: Span<UInt8>, _ id: EntryID?, channel: String?
  ) {
    begin(type, id)
    if let channel {
      scratch.append(",\"channel\":")
      JSONWriter.append(string: channel, to: &scratch)
    }
    if let from = message.from {
      scratch.append(",\"from\":")
      JSONWriter.append(string: from.text, to: &scratch)
    }
    scratch.append(",\"data\":")
    append(payload, message.form)
    scratch.append(UInt8(ascii: "}"))
  }

  /// The event is an object already: its members follow ours.
  private mutating func task(_ payload: Span<UInt8>, _ id: EntryID?) {
    begin("task", id)
    if payload.count > 2 {
      scratch.append(UInt8(ascii: ","))
      scratch.append(payload.extracting(droppingFirst: 1))
    } else {
      scratch.append(UInt8(ascii: "}"))
    }
  }

  private mutating func begin(_ type: StaticString, _ id: EntryID?) {
    scratch.append("{\"type\":\"")
    scratch.append(type)
    scratch.append("\",\"offset\":")
    guard let id else { return scratch.append("null") }
    scratch.append(UInt8(ascii: "\""))
    scratch.append(id.description)
    scratch.append(UInt8(ascii: "\""))
  }

  private mutating func append(_ payload: Span<UInt8>, _ form: BusEntry.Form) {
    switch form {
    case .text, .binary: JSONWriter.append(string: payload, to: &scratch)
    case .json: scratch.append(payload)
    }
  }
}
