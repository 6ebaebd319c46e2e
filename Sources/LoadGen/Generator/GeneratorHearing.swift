import Bytes
import EventLoop
import JSONText
import Measurement
import TLS
import WireProtocol

/// What comes back: the handshake's answer, then messages, pings and goodbyes.
extension Generator {
  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    guard let index = index(of: stream) ?? mover(from: stream) else { return bytes.count }
    guard let wires else { return hear(index, stream, bytes) }
    guard let wire = wires.wire(of: stream) else { return bytes.count }
    let wasOpen = wire.isOpen
    do throws(TLSError) { try wires.receive(bytes, wire, of: stream) } catch {
      table.finish(stream)
      release(stream)
      ended(index, over: stream, .tls)
      return bytes.count
    }
    if !wasOpen && wire.isOpen { ask(index, stream) }
    if !wire.plain.isEmpty {
      let used = hear(index, stream, plain: wire.plain)
      wire.plain.removeFirst(min(used, wire.plain.count))
    }
    return bytes.count
  }

  private func hear(_ index: Int, _ stream: StreamID, plain: borrowing ByteBuffer) -> Int {
    hear(index, stream, plain.bytes)
  }

  private func hear(_ index: Int, _ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    if sockets[index].stream != stream { return converse(index, stream, bytes) }
    switch sockets[index].phase {
    case .shaking:
      let used = readHandshake(index, stream, bytes)
      guard sockets[index].phase == .open, used < bytes.count else { return used }
      return used + converse(index, stream, bytes.extracting(droppingFirst: used))
    case .open, .leaving, .gone: return converse(index, stream, bytes)
    case .planned, .connecting, .resting: return bytes.count
    }
  }

  private func converse(_ index: Int, _ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    let isFormer = sockets[index].stream != stream
    guard var conversation = isFormer ? formers[index]?.conversation : sockets[index].conversation else {
      return bytes.count
    }
    let now = elapsed(.current)
    var goodbye: CloseCode??
    var used = bytes.count
    let part = parts.take(stream)
    do throws(Violation) {
      used = try conversation.receive(bytes, store: &part.store, bench: bench) { event, payload in
        switch event {
        case .text, .binary: hear(index, stream, payload, now)
        case .ping: answer(stream, index, payload)
        case .pong: break
        case .close(let code): goodbye = .some(code)
        }
      }
      try conversation.settle(&part.store)
      parts.put(part, stream)
      if isFormer {
        formers[index]?.conversation = conversation
      } else {
        sockets[index].conversation = conversation
      }
    } catch {
      mend(index)
      frame.clear()
      FrameWriter.appendClose(for: error, mask: freshMask(), into: &frame)
      post(frame, to: index, over: stream)
      table.finish(stream)
      release(stream)
      ended(index, over: stream, .protocolError)
      return bytes.count
    }
    if let code = goodbye { peerLeft(index, stream, code) }
    goOnMoving(index)
    return used
  }

  // MARK: Messages

  private func hear(_ index: Int, _ stream: StreamID, _ payload: Span<UInt8>, _ now: UInt64) {
    if isSluice { return hearSluice(index, stream, payload, now) }
    if plan.reconnect == .told, hint(index, payload) { return }
    if ordered != nil { return hearNext(index, payload, now) }
    hearStamp(index, payload, now)
  }

  /// A message of the run, or something else.
  func hearStamp(_ index: Int, _ payload: Span<UInt8>, _ now: UInt64) {
    switch Stamp.read(payload, sizes: plan.sizes, run: run) {
    case .foreign: figures.foreign += 1
    case .corrupt: spoil(index)
    case .stamp(let stamp):
      if hall != nil { return hearPublication(index, stamp, now) }
      let speaker = speaker(heardBy: index)
      // What another socket of the run said in the same hall.
      guard Int(stamp.socket) == first + speaker else {
        figures.foreign += 1
        return
      }
      book(stamp, of: speaker, index, now)
    }
  }

  /// Whose messages this socket answers for: its own, or in a chat those of the one before it.
  func speaker(heardBy index: Int) -> Int {
    plan.mode == .chat || plan.mode == .sluice ? (index + sockets.count - 1) % sockets.count : index
  }

  /// In a chat, who answers for what this socket says.
  func hearer(of index: Int) -> Int { (index + 1) % sockets.count }

  private func hearNext(_ index: Int, _ payload: Span<UInt8>, _ now: UInt64) {
    guard let stamp = ordered?.take(payload, of: index) else {
      figures.foreign += 1
      return
    }
    book(stamp, of: index, index, now)
  }

  private func book(_ stamp: Stamp, of speaker: Int, _ index: Int, _ now: UInt64) {
    guard judge(stamp, of: speaker, heardBy: index) else { return }
    if isSluice { seats[speaker].receipts.hear(stamp.sequence) }
    measure(stamp, now)
    if sockets[speaker].audit.outstanding == 0 {
      sockets[speaker].outage.rest(at: now)
    } else {
      sockets[speaker].outage.hear(at: now)
    }
  }

  /// Books the message with those of `owner`. False when it is none that was waited for.
  func judge(_ stamp: Stamp, of owner: Int, heardBy index: Int) -> Bool {
    if let end = sockets[owner].audit.givesUp(before: stamp.sequence) { miss(owner, before: end) }
    switch sockets[owner].audit.receive(stamp.sequence) {
    case .inOrder: return true
    case .reordered, .late:
      figures.faults.add(.reordered, socket: UInt32(first + owner), sequence: stamp.sequence)
      return true
    case .duplicate:
      figures.faults.add(.duplicated, socket: UInt32(first + owner), sequence: stamp.sequence)
      return false
    case .unknown:
      spoil(index)
      return false
    }
  }

  private func spoil(_ index: Int) {
    figures.corrupt += 1
    figures.faults.add(.corrupt, socket: UInt32(first + index), sequence: 0)
  }

  /// What is missing of a socket's messages is lost from here on.
  func miss(_ index: Int, before end: UInt32 = .max) {
    guard sockets[index].audit.outstanding > 0, isSluice || figures.faults.list.count < Faults.most else {
      return
    }
    sockets[index].audit.forEachMissing(before: end) {
      if excuse($0, of: index) { return }
      figures.faults.add(.lost, socket: UInt32(first + index), sequence: $0)
    }
  }

  func measure(_ stamp: Stamp, _ now: UInt64) {
    let latency = now &- min(now, stamp.intended)
    figures.received += 1
    figures.intended.record(latency)
    figures.service.record(now &- min(now, stamp.sent))
    if latency > Recovery.slowFrom { figures.slowAnswers.add(at: now) }
    let silence = blackout.hear(of: stamp.intended, at: now)
    if silence > Recovery.slowFrom { figures.blackouts.record(silence) }
    guard let windows else { return }
    if figures.recovery.concerns(stamp.intended) {
      if figures.recovery.limit == nil { figures.recovery.settle(base: figures.steady) }
      figures.recovery.add(intended: stamp.intended, latency: latency)
    }
    switch windows.part(intended: stamp.intended, heard: now) {
    case .steady: figures.steady.record(latency)
    case .during: figures.during.record(latency)
    case nil: break
    }
  }

  /// `{"type": "reconnect", "in_ms": 1200, …}`: the server tells when to leave and to come back.
  private func hint(_ index: Int, _ payload: Span<UInt8>) -> Bool {
    guard payload.count < 4096, let json = try? JSONValue.read(payload), let pause = json["in_ms"]?.integer,
      json["type"]?.string == "reconnect" || json["reconnect"] != nil
    else { return false }
    follow(index, after: .milliseconds(min(max(pause, 0), 86_400_000)))
    return true
  }

  // MARK: Control frames

  private func answer(_ stream: StreamID, _ index: Int, _ ping: Span<UInt8>) {
    frame.clear()
    FrameWriter.append(.pong, ping, mask: freshMask(), into: &frame)
    post(frame, to: index, over: stream)
  }

  private func peerLeft(_ index: Int, _ stream: StreamID, _ code: CloseCode?) {
    let isAnswer = sockets[index].phase == .gone && sockets[index].stream == stream
    if !isAnswer {
      mend(index)
      frame.clear()
      FrameWriter.appendCloseAnswer(to: code, mask: freshMask(), into: &frame)
      post(frame, to: index, over: stream)
    }
    table.finish(stream)
    if isAnswer { return }
    release(stream)
    // 1005 stands for a close frame without a code (RFC 6455 §7.1.5).
    ended(index, over: stream, .close(code?.rawValue ?? 1005))
  }
}
