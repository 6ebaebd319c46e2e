package import Bytes
import Glibc

/// One connection of the control plane (Redis, a proxy, a webhook): bytes in, bytes out, one end.
///
/// In: `send`, flushed once at the end of the turn. Out: `onOpen`, `onBytes` (which tells how many bytes it is
/// done with; the rest is kept and shown again), `onEnd` exactly once. Sockets by the thousand live in a
/// `StreamTable` instead.
package final class ByteStream: EventSource {
  package var onOpen: (() -> Void)?
  package var onBytes: ((Span<UInt8>) -> Int)?
  package var onEnd: ((StreamEnd) -> Void)?

  private enum Phase { case connecting, open, ended }

  private let loop: EventLoop
  private let inputLimit: Int
  private var phase: Phase
  private var descriptor: Int32
  private var source: SourceID?
  private var input = ByteBuffer()
  private var output = ByteBuffer()
  private var wantsWrite = false
  private var flushPlanned = false

  package init(
    _ loop: EventLoop, connecting address: SocketAddress, inputLimit: Int = 64 << 20
  ) throws(SystemError) {
    let socket = try Socket.connect(to: address)
    self.loop = loop
    self.inputLimit = inputLimit
    phase = .connecting
    descriptor = socket.release()
    try start(interest: .writable)
  }

  package init(
    _ loop: EventLoop, adopting socket: consuming Descriptor, inputLimit: Int = 64 << 20
  ) throws(SystemError) {
    self.loop = loop
    self.inputLimit = inputLimit
    phase = .open
    descriptor = socket.release()
    try start(interest: .readable)
  }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// Bytes the peer has not taken yet: the caller's measure for its own bound.
  package var pendingBytes: Int { output.count }
  package var isOpen: Bool { phase == .open }

  package func send(_ bytes: Span<UInt8>) { write { $0.append(bytes) } }

  /// Renders straight into what will be sent.
  package func write(_ render: (inout ByteBuffer) -> Void) {
    if phase == .ended { return }
    render(&output)
    planFlush()
  }

  package func close() { end(.closed, telling: false) }

  package func ready(_ key: UInt32, _ readiness: Readiness) {
    switch phase {
    case .ended: return
    case .connecting:
      let error = Socket.pendingError(of: descriptor)
      if error != 0 { return end(StreamEnd(errno: error)) }
      phase = .open
      loop.rewatch(descriptor, for: .readable, by: place)
      onOpen?()
      flush()
    case .open:
      if readiness.contains(.writable) { flush() }
      if !readiness.isDisjoint(with: [.readable, .hangup, .failed]) { receive() }
    }
  }

  private var place: SourceID { source ?? loop.add(self) }

  private func start(interest: Readiness) throws(SystemError) {
    let id = loop.add(self)
    source = id
    do {
      try loop.watch(descriptor, for: interest, by: id)
    } catch {
      loop.remove(id)
      throw error
    }
  }

  private func receive() {
    // A bounded number of reads a turn, so that one busy peer does not keep the others waiting.
    for _ in 0..<4 where phase == .open {
      var outcome = Socket.Received.notNow
      let room = 64 << 10
      input.append(upTo: room) { spare in
        outcome = Socket.receive(into: &spare, from: descriptor)
        if case .bytes(let count) = outcome { return count }
        return 0
      }
      switch outcome {
      case .notNow: return
      case .end(let reason): return end(reason)
      case .bytes(let count):
        let used = onBytes?(input.bytes) ?? input.count
        // The owner may have closed us from inside its callback.
        if phase != .open { return }
        input.removeFirst(min(used, input.count))
        if input.count > inputLimit { return end(.overflow) }
        if count < room { return }
      }
    }
  }

  /// Tries to send what is queued now, ahead of the end of the turn. What is wrong is found out then.
  public func pushOut() {
    guard phase == .open, !wantsWrite, !output.isEmpty else { return }
    let sent = Socket.send(output.bytes, to: descriptor)
    if sent > 0 { output.removeFirst(sent) }
  }

  private func planFlush() {
    if flushPlanned || phase != .open || wantsWrite { return }
    flushPlanned = true
    loop.next { [weak self] in
      self?.flushPlanned = false
      self?.flush()
    }
  }

  private func flush() {
    guard phase == .open else { return }
    while !output.isEmpty {
      let sent = Socket.send(output.bytes, to: descriptor)
      if sent < 0 { return end(.reset) }
      if sent == 0 { break }
      output.removeFirst(sent)
    }
    output.trim(above: 1 << 20)
    let wants = !output.isEmpty
    if wants != wantsWrite {
      wantsWrite = wants
      loop.rewatch(descriptor, for: wants ? [.readable, .writable] : .readable, by: place)
    }
  }

  private func end(_ reason: StreamEnd, telling: Bool = true) {
    if phase == .ended { return }
    phase = .ended
    loop.unwatch(descriptor)
    if let source { loop.remove(source) }
    source = nil
    _ = Glibc.close(descriptor)
    descriptor = -1
    let handler = telling ? onEnd : nil
    onOpen = nil
    onEnd = nil
    // `onBytes` may be running; it is let go once the turn is over.
    loop.next { [self] in onBytes = nil }
    handler?(reason)
  }
}
