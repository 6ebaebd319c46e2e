import Bytes
import EventLoop
import Glibc
import Measurement
import TLS
import WireProtocol

/// From nothing to an open socket: connection, TLS where the target wants it, handshake.
extension Generator {
  /// Loopback has 28,000 ports for each address to come from.
  private static let socketsPerSource = 20_000

  func connect(_ index: Int) {
    sockets[index].startedAt = .current
    // All addresses of a name are used, and who was refused by one tries the next.
    let address = addresses[(first + index + Int(sockets[index].attempt)) % addresses.count]
    do throws(SystemError) {
      let stream = try table.connect(to: address, from: sourceAddress(index))
      sockets[index].stream = stream
      sockets[index].phase = .connecting
      socketOf[stream.slot] = Int32(index)
      wake(index, at: sockets[index].startedAt + plan.connectTimeout)
    } catch {
      if [EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM].contains(error.code) { figures.starved += 1 }
      failed(index, .refused)
    }
  }

  private func sourceAddress(_ index: Int) -> String? {
    if !plan.sources.isEmpty { return plan.sources[(first + index) % plan.sources.count] }
    guard case .tcp(let host, _) = plan.target.place, host.hasPrefix("127."),
      plan.sockets > Self.socketsPerSource
    else { return nil }
    return "127.0.\((first + index) / Self.socketsPerSource % 250 + 1).1"
  }

  private func shakeNumber(_ index: Int) -> UInt64 {
    plan.seed ^ UInt64(run) << 32 ^ UInt64(first + index) << 8 ^ UInt64(sockets[index].attempt)
  }

  func opened(_ stream: StreamID) {
    guard let index = index(of: stream) else { return }
    sockets[index].phase = .shaking
    wake(index, at: .current + plan.handshakeTimeout)
    guard let wires else { return ask(index, stream) }
    do throws(TLSError) { try wires.begin(stream) } catch {
      drop(stream)
      failed(index, .tls)
    }
  }

  func ask(_ index: Int, _ stream: StreamID) {
    frame.clear()
    shake.request(shakeNumber(index), socket: first + index, into: &frame)
    transmit(frame, to: stream)
  }

  func readHandshake(_ index: Int, _ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    // As of an answer to HEAD: a refusal is told by its head, however long its body takes.
    var decoder = decoders.removeValue(forKey: stream) ?? ResponseDecoder(answering: .head)
    switch shake.read(bytes, shakeNumber(index), &decoder) {
    case .more(let used):
      decoders[stream] = decoder
      return used
    case .open(let agreement, let used):
      established(index, agreement)
      return used
    case .failed(let status, let retry):
      // Of several addresses the next one is asked first.
      let isLast = (Int(sockets[index].attempt) + 1) % addresses.count == 0
      if plan.reconnect == .told, isLast, let retry { told[index] = .current + retry }
      drop(stream)
      failed(index, status.map { .http($0) } ?? .protocolError)
      return bytes.count
    }
  }

  private func established(_ index: Int, _ agreement: DeflateAgreement?) {
    cancelTimer(index)
    let now = Moment.current
    figures.connect.record(now.nanoseconds(since: sockets[index].startedAt))
    if let dropped = sockets[index].droppedAt {
      figures.reconnect.record(now.nanoseconds(since: dropped))
      figures.herd.add(at: elapsed(now))
      sockets[index].droppedAt = nil
      sockets[index].outage.rest(at: elapsed(now))
    }
    // What fell due until now was not this socket's to send in time: it is owed, unless it had not opened yet.
    if stage == .running { sendDue(elapsed(now)) }
    if !sockets[index].hasOpened {
      sockets[index].hasOpened = true
      figures.opened += 1
      hall?.enter(index, &sockets[index].audit, at: elapsed(now))
    }
    sockets[index].phase = .open
    sockets[index].attempt = 0
    let isMoving = formers[index] != nil
    sockets[index].conversation = Conversation(
      role: .client, limits: MessageLimits(message: 16 << 20), deflate: agreement != nil)
    // Who is moving is counted already.
    if !isMoving { figures.joined += 1 }
    figures.heldMost = max(figures.heldMost, open)
    if isSluice { greet(index) }
    for text in plan.hello { say(MessageForm.fill(text, socket: first + index), index) }
    if isMoving { return wake(index, at: now + plan.handshakeTimeout) }
    if sockets[index].owed > 0 { catchUp(index, elapsed(now)) }
  }
}
