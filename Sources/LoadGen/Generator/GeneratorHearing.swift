import Bytes
import EventLoop
import Measurement
import WireProtocol

/// What comes back: the handshake's answer, then messages, pings and goodbyes.
extension Generator {
  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    guard let index = index(of: stream) else { return bytes.count }
    switch sockets[index].phase {
    case .shaking:
      let used = readHandshake(index, stream, bytes)
      guard sockets[index].phase == .open, used < bytes.count else { return used }
      return used + converse(index, stream, bytes.extracting(droppingFirst: used))
    case .open, .gone: return converse(index, stream, bytes)
    case .planned, .connecting, .resting: return bytes.count
    }
  }

  private func readHandshake(_ index: Int, _ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    var decoder = decoders.removeValue(forKey: stream) ?? ResponseDecoder(answering: .get)
    switch shake.read(bytes, shakeNumber(index), &decoder) {
    case .more(let used):
      decoders[stream] = decoder
      return used
    case .open(let agreement, let used):
      established(index, agreement)
      return used
    case .failed(let status):
      drop(stream)
      failed(index, status.map { .http($0) } ?? .protocolError)
      return bytes.count
    }
  }

  private func converse(_ index: Int, _ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    var conversation = sockets[index].conversation
    let now = elapsed(.current)
    var goodbye: CloseCode??
    var used = bytes.count
    let part = parts.take(stream)
    do throws(Violation) {
      used = try conversation.receive(bytes, store: &part.store, bench: bench) { event, payload in
        switch event {
        case .text, .binary: hear(index, payload, now)
        case .ping: answer(index, stream, payload)
        case .pong: break
        case .close(let code): goodbye = .some(code)
        }
      }
      try conversation.settle(&part.store)
      parts.put(part, stream)
      sockets[index].conversation = conversation
    } catch {
      parts.forget(stream)
      mend(index)
      frame.clear()
      FrameWriter.appendClose(for: error, mask: freshMask(), into: &frame)
      post(frame, to: index)
      table.finish(stream)
      lost(index, .protocolError)
      return bytes.count
    }
    if let code = goodbye { peerLeft(index, stream, code) }
    return used
  }

  private func hear(_ index: Int, _ payload: Span<UInt8>, _ now: UInt64) {
    switch Stamp.read(payload, size: plan.size, run: run) {
    case .foreign: figures.foreign += 1
    case .corrupt: figures.corrupt += 1
    case .stamp(let stamp):
      // What another socket of the run said in the same hall.
      guard Int(stamp.socket) == first + index else {
        figures.foreign += 1
        return
      }
      switch sockets[index].audit.receive(stamp.sequence) {
      case .inOrder, .reordered, .late: book(stamp, index, now)
      case .duplicate: break
      case .unknown: figures.corrupt += 1
      }
    }
  }

  private func book(_ stamp: Stamp, _ index: Int, _ now: UInt64) {
    let latency = now &- min(now, stamp.intended)
    figures.received += 1
    figures.intended.record(latency)
    figures.service.record(now &- min(now, stamp.sent))
    if latency > RunFigures.slowFrom { figures.slowAnswers.add(at: now) }
    if sockets[index].audit.outstanding == 0 {
      sockets[index].outage.rest(at: now)
    } else {
      sockets[index].outage.hear(at: now)
    }
    guard let windows else { return }
    switch windows.part(intended: stamp.intended, heard: now) {
    case .steady: figures.steady.record(latency)
    case .during: figures.during.record(latency)
    case nil: break
    }
  }

  private func answer(_ index: Int, _ stream: StreamID, _ ping: Span<UInt8>) {
    let mask = freshMask()
    guard torn.holds(index) else {
      table.write(to: stream) { FrameWriter.append(.pong, ping, mask: mask, into: &$0) }
      return
    }
    frame.clear()
    FrameWriter.append(.pong, ping, mask: mask, into: &frame)
    post(frame, to: index)
  }

  private func peerLeft(_ index: Int, _ stream: StreamID, _ code: CloseCode?) {
    let isAnswer = sockets[index].phase == .gone
    if !isAnswer {
      mend(index)
      let mask = freshMask()
      table.write(to: stream) { FrameWriter.appendCloseAnswer(to: code, mask: mask, into: &$0) }
    }
    table.finish(stream)
    // 1005 stands for a close frame without a code (RFC 6455 §7.1.5).
    if !isAnswer { lost(index, .close(code?.rawValue ?? 1005)) }
  }
}
