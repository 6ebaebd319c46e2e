import Bytes
import EventLoop
import FleetState
import Measurement

/// `--mode sluice`: each socket speaks to a channel of its own, and its neighbour has joined that. Receipts and offsets
/// go on over connections, so what is missing at the end is lost, or somebody has said why it is not there.
extension Generator {
  static func seats(_ plan: Plan, first: Int, count: Int) -> [SluiceSeat] {
    guard plan.mode == .sluice else { return [] }
    return (0..<count).compactMap { index in
      Name(plan.channel(of: first + (index + count - 1) % count)).map { SluiceSeat(channel: $0) }
    }
  }

  var isSluice: Bool { !seats.isEmpty }

  /// Said first on each connection.
  func greet(_ index: Int) { say(seats[index].greeting().text(), index) }

  func hearSluice(_ index: Int, _ stream: StreamID, _ payload: Span<UInt8>, _ now: UInt64) {
    let isFormer = sockets[index].stream != stream
    switch SluiceAnswer(payload) {
    case .message(let channel, let offset):
      hear(index, payload, now, of: channel, offset, isFormer)
    case .receipt(let number, let offset):
      let isMissing = sockets[index].audit.isMissing(number)
      if seats[index].receipts.acknowledge(number, at: offset, isMissing: isMissing) { figures.acked += 1 }
    case .refused(let number): seats[index].receipts.refuse(number)
    case .welcome(let word): if !isFormer { seats[index].greet(word) }
    case .joined(let offset): if !isFormer { joined(index, at: offset) }
    case .joinRefused: askAgain(index, after: .seconds(1))
    case .resumed(let token, let lost): if !isFormer { resumed(index, token, lost) }
    case .resumeRefused(let pause):
      if isFormer { return }
      if pause == nil { seats[index].forget() }
      askAgain(index, after: pause ?? .zero)
    case .reconnect(let pause, let token):
      if let token { seats[index].renew(token) }
      if plan.reconnect == .told, !isFormer, formers[index] == nil { follow(index, after: pause) }
    case .renewed(let token): if !isFormer { seats[index].renew(token) }
    case .aside: break
    case .other: figures.foreign += 1
    }
  }

  private func hear(
    _ index: Int, _ payload: Span<UInt8>, _ now: UInt64, of channel: String, _ offset: EntryID,
    _ isFormer: Bool
  ) {
    guard channel == seats[index].channel.text else {
      figures.foreign += 1
      return
    }
    switch seats[index].hear(offset, overFormer: isFormer) {
    case .new: hearStamp(index, payload, now)
    case .again: break
    case .misplaced:
      let before = sockets[speaker(heardBy: index)].audit
      hearStamp(index, payload, now)
      let after = sockets[speaker(heardBy: index)].audit
      // Its number was in order all the same.
      if before.duplicated == after.duplicated, before.reordered == after.reordered { figures.reordered += 1 }
    }
  }

  private func joined(_ index: Int, at offset: EntryID) {
    let missed = seats[index].join(at: offset)
    seats[speaker(heardBy: index)].isHeard = true
    guard let missed else { return }
    figures.resumed += 1
    lose(index, missed)
  }

  private func resumed(_ index: Int, _ token: String?, _ lost: ClosedRange<EntryID>?) {
    // The server itself was overtaken by the trimming, and says so though nobody asked.
    if !seats[index].isSettled { figures.resumed += 1 }
    seats[index].resume(token: token, behind: lost?.upperBound)
    if let lost { lose(index, lost) }
  }

  private func lose(_ index: Int, _ range: ClosedRange<EntryID>) {
    figures.unrecovered += 1
    seats[speaker(heardBy: index)].receipts.tellLost(range)
  }

  private func askAgain(_ index: Int, after pause: Duration) {
    seats[index].asksAgain = true
    wake(index, at: .current + pause)
  }

  /// Its connection is gone; what it said and what it is to hear may still come.
  func loseConnection(_ index: Int) {
    let audit = sockets[index].audit
    seats[index].receipts.loseConnection { audit.isMissing($0) }
  }

  /// True where somebody has said why this message of a socket is missing: then it is not lost without a word.
  func excuse(_ number: UInt32, of index: Int) -> Bool {
    guard isSluice, let excuse = seats[index].receipts.excuse(of: number) else { return false }
    switch excuse {
    case .noReceipt: figures.unreceipted += 1
    case .refused: figures.refused += 1
    case .told: figures.toldLost += 1
    }
    return true
  }
}
