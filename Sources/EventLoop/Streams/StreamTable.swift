public import Bytes
import Glibc

/// Hears of the streams of a table. All calls come from the loop, never from inside a call to the table.
public protocol StreamOwner: AnyObject {
  /// A connection we asked for stands.
  func opened(_ stream: StreamID)
  /// Bytes from the peer, oldest first; returns how many are done with. The rest is shown again with more.
  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int
  /// The stream is over and its name with it. Not called after the owner's own `close`.
  func ended(_ stream: StreamID, _ end: StreamEnd)
}

/// Sockets by the thousand: fixed records and borrowed extents in shared pages, no object per socket.
///
/// In: descriptors, bytes to send. Out: calls on the owner. While the owner hears bytes of a stream, what it
/// sends to that stream is gathered and leaves in one write; a delivery to any other stream leaves at once.
/// What the kernel does not take waits in an extent, up to `outputLimit`; a peer that does not read its own
/// answers is not read from until it does.
public final class StreamTable: EventSource {
  public struct Limits: Sendable {
    package var streams: Int
    /// Unsent bytes of one stream.
    package var output: Int
    /// Partial input and unsent output of all.
    package var memory: Int

    package init(streams: Int, output: Int = 4 << 20, memory: Int = 1 << 30) {
      self.streams = streams
      self.output = output
      self.memory = memory
    }
  }

  public private(set) var count = 0
  package private(set) var bytesIn: UInt64 = 0
  package private(set) var bytesOut: UInt64 = 0
  /// What partial input and unsent output take at the moment.
  package var lentBytes: Int { extents.lentBytes }

  private let loop: EventLoop
  private let limits: Limits
  private let pages: SharedPages
  private let records: PageArray<StreamRecord>
  private let extents: Extents
  /// Set before the first stream is taken in, by an owner that makes its table itself.
  package weak var owner: (any StreamOwner)?
  private var source = SourceID.none
  private var freed: [UInt32] = []
  private var untouched: UInt32 = 0
  /// Who is being heard, and what it is answered.
  private var speaking: StreamID?
  private var answer = ByteBuffer(capacity: 64 << 10)
  /// Streams whose kept input is shown again in the next turn.
  private var again: [StreamID] = []

  private static let readPauseAt = 256 << 10
  private static let linger = Duration.seconds(2)
  private static let keyBits: UInt32 = 20
  private static let readsPerTurn = 4

  package init(
    _ loop: EventLoop, limits: Limits, owner: (any StreamOwner)? = nil
  ) throws(SystemError) {
    self.loop = loop
    self.limits = limits
    self.owner = owner
    precondition(limits.streams < 1 << Self.keyBits, "a table holds up to a million streams")
    let recordBytes = (limits.streams * MemoryLayout<StreamRecord>.stride + 4095) & ~4095
    pages = try SharedPages(
      name: "sluice-streams", byteCount: recordBytes + Extents.addressSpace(limit: limits.memory))
    records = pages.array(of: StreamRecord.self, at: 0, count: limits.streams)
    extents = Extents(in: pages, at: recordBytes, limit: limits.memory)
    source = loop.add(self)
  }

  // MARK: Opening and closing

  /// Takes an accepted socket in; nil (and the socket closed) when the table is full.
  package func adopt(_ socket: consuming Descriptor) -> StreamID? {
    insert(socket, phase: .open, interest: .readable)
  }

  package func connect(to address: SocketAddress, from sourceHost: String? = nil) throws(SystemError)
    -> StreamID
  {
    let socket = try Socket.connect(to: address, from: sourceHost)
    guard let id = insert(socket, phase: .connecting, interest: .writable) else {
      throw SystemError("connect \(address): the table of streams is full", ENFILE)
    }
    return id
  }

  /// Ends the stream now, with a FIN, or with RST when `reset`. The owner is not called.
  public func close(_ stream: StreamID, reset: Bool = false) {
    guard holds(stream) else { return }
    if reset { Socket.resetOnClose(records[stream.slot].descriptor) }
    free(stream.slot)
  }

  /// Sends what is queued, then shuts our side and waits a little for the peer's end, so that nothing we
  /// sent is destroyed by a reset. The owner hears `ended(.closed)`.
  public func finish(_ stream: StreamID) {
    guard holds(stream), records[stream.slot].phase == .open else { return }
    records[stream.slot].phase = .finishing
    // What still comes is dropped, so nothing of it may be left in the kernel: that would turn our FIN into RST.
    records[stream.slot].isHeld = false
    updateInterest(stream.slot)
    if speaking != stream { advanceFinishing(stream.slot) }
  }

  package func peerName(of stream: StreamID) -> String {
    holds(stream) ? Socket.peerName(of: records[stream.slot].descriptor) : "?"
  }

  // MARK: Pausing

  /// Hears nothing more of the stream until `resume`; what has arrived is kept, the rest stays in the kernel.
  public func pause(_ stream: StreamID) {
    guard holds(stream), !records[stream.slot].isHeld else { return }
    records[stream.slot].isHeld = true
    updateInterest(stream.slot)
  }

  public func resume(_ stream: StreamID) {
    guard holds(stream), records[stream.slot].isHeld else { return }
    records[stream.slot].isHeld = false
    updateInterest(stream.slot)
    if records[stream.slot].inputCount > 0 { hearAgain(stream) }
  }

  /// For an owner that stops before the end of what it hears: its answers leave, others have their turn, and
  /// once the peer takes its answers the rest is shown again.
  public func yield(_ stream: StreamID) {
    guard holds(stream) else { return }
    records[stream.slot].hasYielded = true
    hearAgain(stream)
  }

  private func hearAgain(_ stream: StreamID) {
    if again.isEmpty { loop.next { [weak self] in self?.showAgain() } }
    again.append(stream)
  }

  private func showAgain() {
    let waiting = again
    again.removeAll(keepingCapacity: true)
    for stream in waiting where holds(stream) {
      let record = records[stream.slot]
      if record.phase != .open || record.isHeld || record.isReadPaused { continue }
      records[stream.slot].hasYielded = false
      if record.inputCount == 0 { continue }
      listen(to: stream.slot)
    }
  }

  // MARK: Sending

  /// False when the stream's bound is reached (nothing was queued then) or the stream is gone.
  @discardableResult
  public func send(_ bytes: Span<UInt8>, to stream: StreamID) -> Bool {
    guard holds(stream), records[stream.slot].phase == .open else { return false }
    if speaking == stream {
      answer.append(bytes)
      return true
    }
    switch deliver(bytes, to: stream.slot) {
    case .taken: return true
    case .refused: return false
    case .cut:
      breakOff(stream)
      return false
    }
  }

  /// Renders into what leaves for `stream`: without a copy while it is being heard. False when the stream is gone
  /// or has no room left for it; it then ends as `overflow`, for nobody would notice that something is missing.
  @discardableResult
  public func write(to stream: StreamID, _ render: (inout ByteBuffer) -> Void) -> Bool {
    guard holds(stream), records[stream.slot].phase == .open else { return false }
    if speaking == stream {
      render(&answer)
      return true
    }
    var bytes = ByteBuffer(capacity: 256)
    render(&bytes)
    if deliver(bytes.bytes, to: stream.slot) == .taken { return true }
    breakOff(stream)
    return false
  }

  /// Nothing more may follow what was cut. The owner hears of it from the loop, not from inside its own call.
  private func breakOff(_ stream: StreamID) {
    records[stream.slot].phase = .broken
    loop.next { [weak self] in
      if let self, holds(stream) { end(stream.slot, .overflow) }
    }
  }

  /// Bytes answered since the owner began to hear `stream`.
  public func answered(_ stream: StreamID) -> Int { speaking == stream ? answer.count : 0 }

  /// Bytes the peer has not taken yet.
  public func pendingBytes(of stream: StreamID) -> Int {
    holds(stream) ? Int(records[stream.slot].outputCount) : 0
  }

  @inline(__always)
  public func holds(_ stream: StreamID) -> Bool {
    guard stream.index < untouched else { return false }
    let record = records[stream.slot]
    return record.generation == stream.generation && record.phase != .free
  }

  /// Who is in that place now: for owners whose timers know only the place.
  package func stream(at index: UInt32) -> StreamID? {
    guard index < untouched, records[Int(index)].phase != .free else { return nil }
    return name(Int(index))
  }

  // MARK: Readiness

  public func ready(_ key: UInt32, _ readiness: Readiness) {
    let index = Int(key & (1 << Self.keyBits - 1))
    let record = records[index]
    if record.phase == .free || record.generation & 0xFFF != key >> Self.keyBits { return }
    if readiness.isEmpty {
      // The linger timer, unless the place has changed hands since it was set.
      if record.phase == .lingering { end(index, .closed) }
      return
    }
    switch record.phase {
    case .free, .broken: return
    case .connecting: return settleConnect(index)
    case .open, .finishing, .lingering: break
    }
    if readiness.contains(.writable) { flush(index) }
    guard records[index].phase != .free, records[index].generation == record.generation else { return }
    if !records[index].isDeaf {
      if !readiness.isDisjoint(with: [.readable, .hangup, .failed]) { receive(index) }
    } else if !readiness.isDisjoint(with: [.hangup, .failed]) {
      // Not heard at the moment, and nothing can be answered any more: it would wake us for ever.
      end(index, .reset)
    }
  }

  private func settleConnect(_ index: Int) {
    let error = Socket.pendingError(of: records[index].descriptor)
    if error != 0 { return end(index, StreamEnd(errno: error)) }
    records[index].phase = .open
    watchInterest(index)
    owner?.opened(name(index))
  }

  private func receive(_ index: Int) {
    let generation = records[index].generation
    for _ in 0..<Self.readsPerTurn {
      guard let filled = read(index) else { return }
      if records[index].phase == .open { listen(to: index) } else { drop(index) }
      guard records[index].generation == generation, records[index].phase != .free else { return }
      if !filled || records[index].isDeaf || records[index].hasYielded { return }
    }
  }

  /// One read into the stream's extent. True when it came back full, nil when there is nothing to hear.
  private func read(_ index: Int) -> Bool? {
    let kept = Int(records[index].inputCount)
    let old = records[index].input
    if kept == Extents.sizes[Extents.readSize] { return true }
    guard let extent = kept > 0 && old.size == Extents.readSize ? old : extents.borrowForReading()
    else {
      end(index, .overflow)
      return nil
    }
    if kept > 0 && old != extent {
      extents.withBytes(old) { source in
        extents.withBytes(extent) { $0.replace(at: 0, with: source.span.extracting(first: kept)) }
      }
      extents.giveBack(old)
    }
    records[index].input = extent
    let descriptor = records[index].descriptor
    let outcome = extents.withBytes(extent, from: kept) { Socket.receive(into: &$0, from: descriptor) }
    switch outcome {
    case .bytes(let count):
      bytesIn &+= UInt64(count)
      records[index].received &+= UInt64(count)
      records[index].inputCount = UInt32(kept + count)
      return kept + count == extents.capacity(of: extent)
    case .notNow:
      keepInput(index, from: 0)
      return nil
    case .end(let reason):
      if records[index].hasYielded && !hearOut(index) { return nil }
      end(index, records[index].phase == .lingering ? .closed : reason)
      return nil
    }
  }

  /// The peer has said its last: what the owner put off is heard now. False when the stream went meanwhile.
  private func hearOut(_ index: Int) -> Bool {
    let id = name(index)
    var left = UInt32.max
    while holds(id), records[index].hasYielded, records[index].inputCount > 0, records[index].phase == .open {
      // An owner that neither takes a byte nor stops yielding has had its chance.
      if records[index].inputCount >= left { break }
      left = records[index].inputCount
      records[index].hasYielded = false
      listen(to: index)
    }
    return holds(id)
  }

  private func listen(to index: Int) {
    let id = name(index)
    let held = Int(records[index].inputCount)
    let extent = records[index].input
    speaking = id
    let used = extents.withBytes(extent) { owner?.received(id, $0.span.extracting(first: held)) ?? held }
    speaking = nil
    guard holds(id) else {
      answer.clear()
      extents.giveBack(extent)
      return
    }
    if !answer.isEmpty {
      let delivery = deliver(answer.bytes, to: index)
      answer.clear()
      answer.trim(above: 1 << 20)
      // An answer that is left out would be a message lost in silence.
      if delivery != .taken { return end(index, .overflow) }
    }
    // An owner that is done with nothing although the extent is full would never be done.
    let isStuck = used == 0 && held == extents.capacity(of: extent) && extent.size == Extents.readSize
    if isStuck && !records[index].isHeld && !records[index].hasYielded { return end(index, .overflow) }
    keepInput(index, from: max(0, min(used, held)))
    if records[index].phase == .finishing { advanceFinishing(index) }
  }

  /// Moves the unconsumed rest into an extent of its size, so that a waiting socket holds little.
  private func keepInput(_ index: Int, from used: Int) {
    let extent = records[index].input
    let rest = Int(records[index].inputCount) - used
    if rest > 0, extents.fits(rest, tightly: extent) {
      extents.moveToFront(extent, from: used, count: rest)
      records[index].inputCount = UInt32(rest)
    } else if rest > 0, let smaller = extents.borrow(atLeast: rest) {
      extents.withBytes(extent) { source in
        let kept = source.span.extracting(used..<used + rest)
        extents.withBytes(smaller) { $0.replace(at: 0, with: kept) }
      }
      records[index].input = smaller
      records[index].inputCount = UInt32(rest)
      extents.giveBack(extent)
    } else if rest > 0 {
      end(index, .overflow)
    } else {
      records[index].input = .none
      records[index].inputCount = 0
      extents.giveBack(extent)
    }
  }

  private func drop(_ index: Int) {
    records[index].inputCount = 0
    keepInput(index, from: 0)
  }

  // MARK: Output

  private enum Delivery {
    case taken
    /// Not a byte of it went: the stream is as it was.
    case refused
    /// A part has gone and there is no room for the rest.
    case cut
  }

  private func deliver(_ bytes: Span<UInt8>, to index: Int) -> Delivery {
    var sent = 0
    if records[index].outputCount == 0 {
      guard let taken = Socket.send(bytes, to: records[index].descriptor) else {
        // The read side will tell why; until then nothing more is queued.
        return .taken
      }
      sent = taken
      bytesOut &+= UInt64(taken)
      records[index].sent &+= UInt64(taken)
      if sent == bytes.count { return .taken }
    }
    if queue(bytes.extracting(droppingFirst: sent), for: index) { return .taken }
    return sent == 0 ? .refused : .cut
  }

  private func queue(_ bytes: Span<UInt8>, for index: Int) -> Bool {
    let held = Int(records[index].outputCount)
    if held + bytes.count > limits.output { return false }
    guard makeRoom(bytes.count, index) else { return false }
    let end = Int(records[index].outputStart) + held
    extents.withBytes(records[index].output) { $0.replace(at: end, with: bytes) }
    records[index].outputCount = UInt32(held + bytes.count)
    updateInterest(index)
    return true
  }

  /// Room for `extra` bytes behind what waits already: by moving it to the front or to a larger extent.
  private func makeRoom(_ extra: Int, _ index: Int) -> Bool {
    let record = records[index]
    let start = Int(record.outputStart)
    let held = Int(record.outputCount)
    if record.output != .none, start + held + extra <= extents.capacity(of: record.output) { return true }
    if record.output != .none, held + extra <= extents.capacity(of: record.output) {
      extents.moveToFront(record.output, from: start, count: held)
      records[index].outputStart = 0
      return true
    }
    guard let larger = extents.borrow(atLeast: held + extra) else { return false }
    if record.output != .none {
      extents.withBytes(record.output) { source in
        let waiting = source.span.extracting(start..<start + held)
        extents.withBytes(larger) { $0.replace(at: 0, with: waiting) }
      }
      extents.giveBack(record.output)
    }
    records[index].output = larger
    records[index].outputStart = 0
    return true
  }

  private func flush(_ index: Int) {
    let record = records[index]
    if record.outputCount > 0 {
      let start = Int(record.outputStart)
      let sent = extents.withBytes(record.output) {
        Socket.send($0.span.extracting(start..<start + Int(record.outputCount)), to: record.descriptor)
      }
      guard let sent else { return end(index, .reset) }
      bytesOut &+= UInt64(sent)
      records[index].sent &+= UInt64(sent)
      records[index].outputStart += UInt32(sent)
      records[index].outputCount -= UInt32(sent)
      if records[index].outputCount == 0 { dropOutput(index) }
    }
    updateInterest(index)
    if records[index].phase == .finishing { advanceFinishing(index) }
  }

  private func dropOutput(_ index: Int) {
    if records[index].output != .none { extents.giveBack(records[index].output) }
    records[index].output = .none
    records[index].outputStart = 0
    records[index].outputCount = 0
  }

  private func updateInterest(_ index: Int) {
    let record = records[index]
    let waiting = Int(record.outputCount)
    // Half the mark to start again, so that the interest does not flicker.
    let pause = record.isReadPaused ? waiting > Self.readPauseAt / 2 : waiting > Self.readPauseAt
    let wants = waiting > 0
    let deaf = pause || record.isHeld
    if pause == record.isReadPaused && wants == record.wantsWrite && deaf == record.isDeaf { return }
    records[index].isReadPaused = pause
    records[index].wantsWrite = wants
    records[index].isDeaf = deaf
    if record.hasYielded && !deaf { hearAgain(name(index)) }
    // Until it stands, a connection is watched for that alone.
    if record.phase != .connecting { watchInterest(index) }
  }

  private func watchInterest(_ index: Int) {
    var interest: Readiness = records[index].isDeaf ? [] : .readable
    if records[index].wantsWrite { interest.insert(.writable) }
    loop.rewatch(records[index].descriptor, for: interest, by: source, key: key(index))
  }

  private func advanceFinishing(_ index: Int) {
    guard records[index].phase == .finishing, records[index].outputCount == 0 else { return }
    records[index].phase = .lingering
    Socket.shutdownWrite(records[index].descriptor)
    _ = loop.wake(source, key: key(index), at: loop.now + Self.linger)
  }

  // MARK: Slots

  private func insert(_ socket: consuming Descriptor, phase: StreamRecord.Phase, interest: Readiness)
    -> StreamID?
  {
    let index: UInt32
    if let free = freed.popLast() {
      index = free
    } else if Int(untouched) < limits.streams {
      index = untouched
      untouched += 1
    } else {
      return nil
    }
    let number = socket.release()
    let generation = records[Int(index)].generation &+ 1
    records[Int(index)] = StreamRecord(
      descriptor: number, generation: generation, phase: phase, input: .none, inputCount: 0, output: .none,
      outputStart: 0, outputCount: 0, received: 0, sent: 0)
    count += 1
    do {
      try loop.watch(number, for: interest, by: source, key: key(Int(index)))
    } catch {
      free(Int(index))
      return nil
    }
    return StreamID(index: index, generation: generation)
  }

  private func end(_ index: Int, _ reason: StreamEnd) {
    let id = name(index)
    free(index)
    owner?.ended(id, reason)
  }

  private func free(_ index: Int) {
    let record = records[index]
    loop.unwatch(record.descriptor)
    _ = Glibc.close(record.descriptor)
    // While it is being heard its input is lent to the owner, who may go on reading: `listen` gives it back.
    if record.input != .none && speaking != name(index) { extents.giveBack(record.input) }
    dropOutput(index)
    records[index].phase = .free
    records[index].input = .none
    records[index].inputCount = 0
    freed.append(UInt32(index))
    count -= 1
  }

  private func name(_ index: Int) -> StreamID {
    StreamID(index: UInt32(index), generation: records[index].generation)
  }

  private func key(_ index: Int) -> UInt32 {
    UInt32(index) | (records[index].generation & 0xFFF) << Self.keyBits
  }
}
