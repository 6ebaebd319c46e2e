import FleetState
import JSONText

/// What a server says in `sluice.v1`, as far as it matters to who measures.
enum SluiceAnswer: Equatable {
  case welcome(SluiceSeat.Position)
  case joined(EntryID)
  case receipt(UInt32, EntryID?)
  case refused(UInt32)
  /// Its words are in the text it came with.
  case message(channel: String, EntryID)
  case resumed(token: String?, lost: ClosedRange<EntryID>?)
  /// With how long to wait, where asking again may help.
  case resumeRefused(again: Duration?)
  case joinRefused
  case reconnect(in: Duration, token: String?)
  case renewed(token: String)
  /// Who comes and goes, pongs.
  case aside
  case other

  private static let longestPause: Int64 = 86_400_000

  init(_ text: Span<UInt8>) {
    self = .other
    guard let word = try? JSONValue.read(text) else { return }
    switch word["type"]?.string {
    case "message":
      if let channel = word["channel"]?.string, let offset = Self.offset(word["offset"]) {
        self = .message(channel: channel, offset)
      }
    case "ack": readAck(word)
    case "error": readError(word)
    case "welcome":
      if let token = word["token"]?.string, let epoch = word["epoch"]?.string,
        let offset = Self.offset(word["offset"])
      {
        self = .welcome(SluiceSeat.Position(token: token, epoch: epoch, offset: offset))
      }
    case "resumed":
      self = .resumed(token: word["token"]?.string, lost: Self.range(word))
    case "reconnect":
      let pause = min(max(word["in_ms"]?.integer ?? 0, 0), Self.longestPause)
      self = .reconnect(in: .milliseconds(pause), token: word["token"]?.string)
    case "token": if let token = word["token"]?.string { self = .renewed(token: token) }
    case "presence", "pong": self = .aside
    case _: return
    }
  }

  private mutating func readAck(_ word: JSONValue) {
    let offset = Self.offset(word["offset"])
    if let number = Self.number(word["id"]) {
      self = .receipt(number, offset)
    } else if word["id"]?.text() == SluiceSeat.joinID, let offset {
      self = .joined(offset)
    }
  }

  private mutating func readError(_ word: JSONValue) {
    if let number = Self.number(word["id"]) {
      self = .refused(number)
    } else if word["id"]?.text() == SluiceSeat.resumeID {
      let isWeather = ["unavailable", "busy"].contains(word["code"]?.string)
      let seconds = min(max(word["retry_after"]?.integer ?? 1, 0), 3600)
      self = .resumeRefused(again: isWeather ? .seconds(seconds) : nil)
    } else if word["id"]?.text() == SluiceSeat.joinID {
      self = .joinRefused
    }
  }

  private static func number(_ value: JSONValue?) -> UInt32? {
    value?.integer.flatMap { UInt32(exactly: $0) }
  }

  private static func offset(_ value: JSONValue?) -> EntryID? { value?.string.flatMap { EntryID($0) } }

  /// What `recovered: false` says to be gone; without a range, everything.
  private static func range(_ word: JSONValue) -> ClosedRange<EntryID>? {
    if word["recovered"]?.bool == true { return nil }
    let lost = word["lost"]
    guard let from = offset(lost?["from"]), let to = offset(lost?["to"]), from <= to else {
      return .zero ... .last
    }
    return from...to
  }
}
