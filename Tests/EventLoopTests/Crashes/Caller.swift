import Bytes

@testable import EventLoop

/// A client of a crash test: says its requests in pieces, reads when it likes, and knows what it has to hear.
final class Caller {
  let requests: [Dialogue.Request]
  let stream: StreamID
  private let peer: Peer
  private let speech: [UInt8]
  private var said = 0
  private var checked = 0
  private(set) var answers = 0
  private(set) var broadcasts: UInt32
  /// What it heard that it should not have.
  private(set) var complaint: String?

  init(_ peer: Peer, _ stream: StreamID, requests: [Dialogue.Request], broadcasts: UInt32) {
    self.peer = peer
    self.stream = stream
    self.requests = requests
    self.broadcasts = broadcasts
    speech = requests.flatMap(\.bytes)
  }

  /// Its last request is a goodbye, so that it hears everything and then the end.
  var isDone: Bool { answers == requests.count && peer.end == .eof }

  func say(upTo count: Int) {
    if said == speech.count || peer.end != nil { return }
    said += max(0, peer.say(speech[said..<min(speech.count, said + count)]))
  }

  func listen(upTo count: Int, _ broadcastLength: Int) {
    if peer.end != nil { return }
    peer.listen(limit: count)
    while complaint == nil, let (kind, number, length) = Dialogue.head(of: peer.heard[checked...]) {
      guard peer.heard.count - checked >= length else { break }
      check(kind, number, peer.heard[checked..<checked + length], broadcastLength)
      checked += length
    }
    guard let end = peer.end, complaint == nil else { return }
    if !isDone { complaint = "it ended with \(end) after \(answers) answers of \(requests.count)" }
    if checked != peer.heard.count { complaint = "a message was cut, then \(end)" }
  }

  private func check(
    _ kind: Dialogue.Kind?, _ number: UInt32, _ bytes: ArraySlice<UInt8>, _ broadcastLength: Int
  ) {
    switch kind {
    case nil: complaint = "no message begins with \(Array(bytes.prefix(12)))"
    case .answer:
      guard answers < requests.count, Int(number) == answers else {
        complaint = "answer \(number) where \(answers) was due"
        return
      }
      let wanted = Dialogue.answer(to: requests[answers], number: number)
      if Array(bytes) != wanted { complaint = "answer \(number) is wrong in its bytes" }
      answers += 1
    case .broadcast:
      guard number == broadcasts + 1 else {
        complaint = "broadcast \(number) after \(broadcasts)"
        return
      }
      if Array(bytes) != Dialogue.broadcast(number, count: broadcastLength) {
        complaint = "broadcast \(number) is wrong in its bytes"
      }
      broadcasts = number
    }
  }

  func leave() { peer.leave() }
}
