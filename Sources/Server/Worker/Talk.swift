import Bytes
import Compression
import EventLoop
import WireProtocol

/// The WebSocket conversations of this worker: bytes in, what clients said out, protocol duties done on the way.
///
/// In: bytes of a stream that is past its handshake, alarms. Out: `heard` for each message. Pings are
/// answered, goodbyes returned, violations closed with the code that names them.
final class Talk {
  struct Habits {
    var heartbeatEvery: Duration = .seconds(30)
    var heartbeatPatience: Duration = .seconds(60)
    var notice = "🛰 Test notification"
    var throttle: Throttle?
  }

  /// A client said something: its stream, what it is, and the bytes, valid during the call.
  var heard: ((StreamID, Opcode, Span<UInt8>) -> Void)?
  /// Something is to be said again.
  var onNotice: ((StreamID) -> Void)?

  private let sockets: Sockets
  private let habits: Habits
  private let bench: Workbench

  /// Pings of clients, which cost as much as a message.
  private var pings: UInt64 = 0

  /// With so much answered, the rest of what was said waits until others have had their turn.
  private static let answersPerTurn = 256 << 10

  init(_ sockets: Sockets, habits: Habits) {
    self.sockets = sockets
    self.habits = habits
    bench = Workbench(inflater: try? ZlibInflater())
  }

  // MARK: Listening

  /// Reads what has arrived; returns how many bytes are done with.
  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    sockets[stream].heardAt = sockets.loop.now
    if let throttle = habits.throttle, sockets[stream].phase == .talking {
      return received(stream, bytes, throttle)
    }
    let isInflating = sockets[stream].deflateBits > 0
    var used = 0
    while used < bytes.count {
      // One frame can inflate to a thousand times its size; plain ones answer about what they bring.
      let step = isInflating ? 1 : Int.max
      let taken = converse(stream, bytes.extracting(droppingFirst: used), frames: step)
      guard let taken else { return bytes.count }
      used += taken
      if taken == 0 || !sockets.table.holds(stream) || !isInflating { break }
      if used < bytes.count, sockets.table.answered(stream) > Self.answersPerTurn {
        sockets.table.yield(stream)
        break
      }
    }
    return used
  }

  /// The same, frame by frame, until the socket has said what it may.
  private func received(_ stream: StreamID, _ bytes: Span<UInt8>, _ throttle: Throttle) -> Int {
    let now = sockets.loop.now
    var used = 0
    while used < bytes.count, sockets.table.holds(stream), sockets[stream].phase == .talking {
      if let until = throttle.pause(sockets[stream].spent, at: now) {
        slowDown(stream, until, throttle.policy)
        break
      }
      let before = sockets.board[sockets.slot].messagesIn &+ pings
      guard let taken = converse(stream, bytes.extracting(droppingFirst: used), frames: 1) else {
        return bytes.count
      }
      used += taken
      guard taken > 0, sockets.table.holds(stream) else { break }
      let heard = Int(clamping: sockets.board[sockets.slot].messagesIn &+ pings &- before)
      throttle.spend(messages: heard, bytes: taken, from: &sockets[stream].spent, at: now)
      if used < bytes.count, sockets.table.answered(stream) > Self.answersPerTurn {
        sockets.table.yield(stream)
        break
      }
    }
    return used
  }

  private func slowDown(_ stream: StreamID, _ until: Moment, _ policy: RatePolicy) {
    sockets.count(.throttled)
    switch policy {
    case .close: sockets.close(stream, .policyViolation, "too many messages")
    case .pause:
      sockets.table.pause(stream)
      sockets[stream].resumeAt = until
      // Who is not read cannot show that it is there.
      sockets[stream].heardAt = until
      planAlarm(stream)
    }
  }

  /// Nil when the conversation is over.
  private func converse(_ stream: StreamID, _ bytes: Span<UInt8>, frames: Int) -> Int? {
    // A copy, put back at the end: what clients say makes this record change while it is being read.
    var conversation = sockets[stream].conversation
    var store = sockets.spill(of: stream)
    var farewell: CloseCode??
    do throws(Violation) {
      let used = try conversation.receive(bytes, store: &store, bench: bench, atMost: frames) {
        event, payload in
        switch event {
        case .text: hear(stream, .text, payload)
        case .binary: hear(stream, .binary, payload)
        case .ping: answerPing(stream, payload)
        case .pong: break
        case .close(let code): farewell = .some(code)
        }
      }
      try conversation.settle(&store)
      keep(conversation, store.extent, of: stream)
      if let code = farewell {
        peerLeft(stream, code)
        return nil
      }
      return used
    } catch {
      store.truncate(to: 0)
      keep(conversation, store.extent, of: stream)
      violated(stream, error)
      return nil
    }
  }

  @inline(__always)
  private func hear(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    // Closed by what it said a moment ago.
    guard sockets[stream].phase == .talking else { return }
    sockets.board[sockets.slot].messagesIn &+= 1
    sockets[stream].messages &+= 1
    heard?(stream, opcode, payload)
  }

  private func keep(_ conversation: Conversation, _ part: ExtentID, of stream: StreamID) {
    guard sockets.table.holds(stream) else { return }
    let saidGoodbye = sockets[stream].phase == .closing
    sockets[stream].conversation = conversation
    sockets[stream].part = part
    if saidGoodbye { sockets[stream].conversation.beginClose() }
  }

  private func answerPing(_ stream: StreamID, _ payload: Span<UInt8>) {
    guard sockets[stream].phase == .talking else { return }
    pings &+= 1
    sockets.table.write(to: stream) { FrameWriter.append(.pong, payload, into: &$0) }
  }

  /// The peer's close frame: answered, unless it is the answer to ours.
  private func peerLeft(_ stream: StreamID, _ code: CloseCode?) {
    guard sockets.table.holds(stream) else { return }
    if sockets[stream].phase == .talking {
      sockets.table.write(to: stream) { FrameWriter.appendCloseAnswer(to: code, into: &$0) }
      sockets.beginClosing(stream, as: .left)
    }
    sockets.table.finish(stream)
  }

  private func violated(_ stream: StreamID, _ violation: Violation) {
    guard sockets.table.holds(stream) else { return }
    switch violation.code {
    case .invalidPayload: sockets.count(.invalidText)
    case .messageTooBig: sockets.count(.tooBig)
    case .internalError: sockets.count(.internalError)
    default: sockets.count(.protocolViolation)
    }
    if sockets[stream].phase == .talking {
      sockets.table.write(to: stream) { FrameWriter.appendClose(for: violation, into: &$0) }
      sockets.beginClosing(stream, as: .left)
    }
    sockets.table.finish(stream)
  }

  // MARK: Heartbeat and notices

  /// The handshake is done: the phase of both is counted from this moment.
  func begin(_ stream: StreamID, noticeEvery: Duration) {
    let now = sockets.loop.now
    sockets[stream].pingAt =
      habits.heartbeatEvery > .zero ? now + habits.heartbeatEvery : Moment(nanoseconds: .max)
    sockets[stream].noticeEvery = noticeEvery.wholeNanoseconds
    sockets[stream].noticeAt =
      noticeEvery > .zero ? now + noticeEvery : Moment(nanoseconds: .max)
    planAlarm(stream)
  }

  func alarm(_ stream: StreamID) {
    switch sockets[stream].phase {
    case .vacant, .asking: return
    case .closing: return sockets.drop(stream, reset: true)
    case .talking: sockets.table.change(stream) { keepTime(stream) }
    }
  }

  /// What is due is done, and the next alarm planned.
  private func keepTime(_ stream: StreamID) {
    let now = sockets.loop.now
    if sockets[stream].resumeAt <= now {
      sockets[stream].resumeAt = Moment(nanoseconds: .max)
      sockets.table.resume(stream)
    }
    if sockets[stream].pingAt <= now && !beat(stream, now) { return }
    if sockets[stream].noticeAt <= now {
      onNotice?(stream)
      let late = now.nanoseconds(since: sockets[stream].noticeAt)
      let every = sockets[stream].noticeEvery
      // The phase stays, however late the turn was.
      sockets[stream].noticeAt = now.advanced(byNanoseconds: every - late % every)
    }
    planAlarm(stream)
  }

  /// False when the peer has been silent for too long and was closed.
  private func beat(_ stream: StreamID, _ now: Moment) -> Bool {
    let silence = now.nanoseconds(since: sockets[stream].heardAt)
    if silence >= habits.heartbeatPatience.wholeNanoseconds {
      sockets.count(.heartbeatTimeout)
      sockets.close(stream, .internalError, "heartbeat timeout")
      return false
    }
    sockets.ping(stream)
    sockets[stream].pingAt = now + habits.heartbeatEvery
    return true
  }

  func planAlarm(_ stream: StreamID) {
    let next = min(sockets[stream].pingAt, sockets[stream].noticeAt, sockets[stream].resumeAt)
    sockets.setAlarm(stream, at: next.nanoseconds == .max ? nil : next)
  }
}
