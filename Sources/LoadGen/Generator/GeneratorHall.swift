import Bytes
import EventLoop
import Measurement
import WireProtocol

/// Publications, said by one process of the run and heard by the sockets of all.
extension Generator {
  func publishDue(_ now: UInt64) {
    while let due = hall?.due, due <= now, let number = hall?.take() {
      if figures.opened > 0 { blackout.expect(at: due) }
      figures.sent += hall?.listeners ?? 0
      guard let publisher = hall?.publisher else { continue }
      if now > due &+ 10_000_000 { figures.lateSends += 1 }
      figures.published += 1
      let stamp = Stamp(
        run: run, socket: Publications.speaker, sequence: number, intended: due, sent: elapsed(.current))
      render(stamp)
      switch publisher {
      case .http(let desk): desk.publish(message.bytes)
      case .redis(let desk): desk.publish(message.bytes)
      case .socket: if sockets[0].phase != .open || !post(frame, to: 0) { figures.unpublished += 1 }
      }
    }
  }

  func hearPublication(_ index: Int, _ stamp: Stamp, _ now: UInt64) {
    // Who speaks may end a moment later than who hears.
    guard let hall, stamp.socket == Publications.speaker, hall.hears(stamp.sequence, index),
      stage == .running || stamp.sequence < hall.publications.next
    else {
      figures.foreign += 1
      return
    }
    let due = stage == .running ? hall.publications.number(by: now) : hall.publications.next
    sockets[index].audit.expect(before: due)
    guard judge(stamp, of: index, heardBy: index) else { return }
    measure(stamp, now)
    // It is silent from when the next one is due, not before.
    sockets[index].outage.rest(at: now)
    sockets[index].outage.expect(at: hall.publications.intended(of: stamp.sequence &+ 1))
  }

  /// The plan is over: each socket was to hear all that was due, wherever it was then.
  func expectPublications() {
    guard let hall else { return }
    let end = hall.publications.next
    for index in sockets.indices where sockets[index].hasOpened && index != hall.speaking {
      sockets[index].audit.expect(before: end)
    }
  }

  func sumPublications() {
    figures.unpublished += hall?.publisher?.refused ?? 0
  }
}
