import FleetState
import JSONText

/// The server's side of `sluice.v1`, as small as it can be: one stream, channels, sessions; and faults as told.
final class SluiceDesk {
  enum Fault {
    case none
    /// Nobody hears it, but it has its receipt; or neither; or all hear it and there is no receipt.
    case swallow, ignore, keepReceipt
    case double, swapWithNext
    case refuse
  }

  /// By the channel it is said in, which ends with the socket's number, and its own.
  var fault: (_ channel: String, _ number: String) -> Fault = { _, _ in .none }
  /// Said to be gone when somebody resumes; what stands there is not replayed.
  var lost: ClosedRange<UInt64>?
  private(set) var resumes = 0
  private(set) var offset: UInt64 = 0

  private struct Entry {
    let offset: UInt64
    let channel: String
    let text: String
  }

  private var entries: [Entry] = []
  /// By tokens.
  private var sessions: [String: Set<String>] = [:]
  private var tokens: [ObjectIdentifier: String] = [:]
  private var live: [TestConnection] = []
  private var held: String?

  func welcome(_ connection: TestConnection) {
    let token = "t\(tokens.count)-\(sessions.count)"
    sessions[token] = []
    tokens[ObjectIdentifier(connection)] = token
    live.append(connection)
    connection.say(
      #"{"type":"welcome","session":"~\#(token)","token":"\#(token)","epoch":"e","offset":"0-\#(offset)"}"#)
  }

  func hear(_ message: Span<UInt8>, from connection: TestConnection) {
    guard let wish = try? SluiceWish(message), let token = tokens[ObjectIdentifier(connection)] else {
      return
    }
    let id = wish.id ?? "null"
    switch wish.ask {
    case .join(let channel):
      sessions[token, default: []].insert(channel.text)
      connection.say(#"{"type":"ack","id":\#(id),"offset":"0-\#(offset)"}"#)
    case .publish(let channel, let data): publish(channel.text, data.text, id, connection)
    case .resume(let old, _, let place): resume(old, behind: place.sequence, connection)
    case .send, .leave, .set, .get, .ping: break
    }
  }

  private func publish(_ channel: String, _ text: String, _ id: String, _ author: TestConnection) {
    let fault = fault(channel, id)
    if fault == .refuse {
      return author.say(#"{"type":"error","id":\#(id),"code":"unavailable","message":"no"}"#)
    }
    if fault == .ignore { return }
    offset += 1
    let entry = Entry(offset: offset, channel: channel, text: text)
    entries.append(entry)
    if fault != .swallow {
      for connection in hearers(of: channel) {
        if fault == .swapWithNext { return held = message(entry) }
        connection.say(message(entry))
        if fault == .double { connection.say(message(entry)) }
        if let late = held, late.contains(channel) {
          connection.say(late)
          held = nil
        }
      }
    }
    if fault != .keepReceipt { author.say(#"{"type":"ack","id":\#(id),"offset":"0-\#(offset)"}"#) }
  }

  private func hearers(of channel: String) -> [TestConnection] {
    live.filter { tokens[ObjectIdentifier($0)].flatMap { sessions[$0] }?.contains(channel) == true }
  }

  private func message(_ entry: Entry) -> String {
    #"{"type":"message","offset":"0-\#(entry.offset)","channel":"\#(entry.channel)","data":"\#(entry.text)"}"#
  }

  private func resume(_ old: String, behind place: UInt64, _ connection: TestConnection) {
    resumes += 1
    tokens[ObjectIdentifier(connection)] = old
    let channels = sessions[old] ?? []
    for entry in entries where entry.offset > place && channels.contains(entry.channel) {
      if lost?.contains(entry.offset) != true { connection.say(message(entry)) }
    }
    guard let lost else { return connection.say(#"{"type":"resumed","recovered":true,"replayed":1}"#) }
    connection.say(
      #"{"type":"resumed","recovered":false,"replayed":1,"lost":{"from":"0-\#(lost.lowerBound)","to":"0-\#(lost.upperBound)"}}"#
    )
  }
}
