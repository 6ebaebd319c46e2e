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
  public internal(set) var count = 0
  package internal(set) var bytesIn: UInt64 = 0
  package internal(set) var bytesOut: UInt64 = 0
  /// What partial input and unsent output take at the moment.
  package var lentBytes: Int { extents.lentBytes }

  /// How long a finished stream may take for what is queued.
  package var finishPatience = Duration.seconds(10)

  let loop: EventLoop
  let limits: StreamLimits
  package let pages: SharedPages
  package let layout: StreamLayout
  let records: PageArray<StreamRecord>
  package let extents: Extents
  /// Our names for the sockets of the records; another process has its own.
  var descriptors: [Int32]
  let journal: Journal
  /// Set before the first stream is taken in, by an owner that makes its table itself.
  package weak var owner: (any StreamOwner)?
  var source = SourceID.none
  var freed: [UInt32] = []
  var untouched: UInt32 { didSet { untouchedWord.value = UInt64(untouched) } }
  let untouchedWord: PageWord
  /// Who is being heard, and what it is answered.
  var speaking: StreamID?
  var answer: ByteBuffer
  /// How far into the answer's window a change has reached.
  var longestAnswer = 0
  /// Somebody else holds our sockets too, so that a close alone ends nothing. Told which stream has gone.
  package var onFreed: ((StreamID) -> Void)?
  /// Places whose peer has reset the connection: a send was told so, and a read would only see an end.
  var resets: Set<Int> = []
  /// Streams whose kept input is shown again in the next turn.
  var again: [StreamID] = []
  var isSuspended: Bool
  /// Generations of the streams that are watched before they are taken over.
  var watchedAhead: [Int: UInt32] = [:]

  static let readPauseAt = 256 << 10
  static let linger = Duration.seconds(2)
  private static let keyBits: UInt32 = 20
  static let readsPerTurn = 4

  /// In pages of its own, or in those another process will take over, or has left: then `takeOver` comes first.
  package init(
    _ loop: EventLoop, limits: StreamLimits, in shared: SharedPages? = nil, owner: (any StreamOwner)? = nil
  ) throws(SystemError) {
    self.loop = loop
    self.limits = limits
    self.owner = owner
    precondition(limits.streams < 1 << Self.keyBits, "a table holds up to a million streams")
    layout = StreamLayout(limits)
    if let shared {
      precondition(shared.byteCount >= layout.byteCount, "the pages are too small for the table")
      pages = shared
    } else {
      pages = try SharedPages(name: "sluice-streams", byteCount: layout.byteCount)
    }
    records = pages.array(of: StreamRecord.self, at: layout.recordsAt, count: limits.streams)
    extents = Extents(
      in: pages, at: layout.extentsAt, marksAt: StreamLayout.extentMarksAt,
      limit: min(limits.memory, StreamLayout.extentBytes))
    descriptors = Array(repeating: -1, count: limits.streams)
    journal = Journal(in: pages, layout: layout)
    isSuspended = false
    answer = pages.buffer(at: layout.answerAt, count: StreamLayout.answerBytes)
    untouchedWord = pages.word(at: StreamLayout.untouchedAt)
    untouched = UInt32(truncatingIfNeeded: untouchedWord.value)
    source = loop.add(self)
  }

  /// The owner's records, one for each place of the table; changed only in a `change` of that stream.
  package func companions<Record: BitwiseCopyable>(of type: Record.Type) -> PageArray<Record> {
    precondition(MemoryLayout<Record>.stride == limits.companionBytes)
    return pages.array(of: type, at: layout.companionsAt, count: limits.streams)
  }

  /// What the owner's records have in common; changed only in a `change`, too.
  package func commons<Record: BitwiseCopyable>(of type: Record.Type) -> PageArray<Record> {
    precondition(MemoryLayout<Record>.stride == limits.commonsBytes)
    return pages.array(of: type, at: StreamLayout.commonsAt, count: 1)
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

  /// Ends the stream now, with a FIN behind what the kernel takes of its answers, or with RST when `reset`.
  /// The owner is not called.
  public func close(_ stream: StreamID, reset: Bool = false) {
    guard holds(stream) else { return }
    if speaking == stream && !answer.isEmpty && !reset { _ = settleAnswer(stream) }
    if reset { Socket.resetOnClose(descriptors[stream.slot]) }
    bracket(stream.slot) { free(stream.slot, silently: reset) }
  }

  /// Sends what is queued, then shuts our side and waits a little for the peer's end, so that nothing we
  /// sent is destroyed by a reset. The owner hears `ended(.closed)`.
  public func finish(_ stream: StreamID) {
    guard holds(stream) else { return }
    if records[stream.slot].phase == .connecting {
      // Nothing was said yet: it ends in the next turn.
      records[stream.slot].phase = .lingering
      _ = loop.wake(source, key: key(stream.slot), at: loop.now)
    }
    if records[stream.slot].phase != .open { return }
    records[stream.slot].phase = .finishing
    // A peer that takes nothing more does not keep its place for ever.
    _ = loop.wake(source, key: key(stream.slot), at: loop.now + finishPatience)
    // What still comes is dropped, so nothing of it may be left in the kernel: that would turn our FIN into RST.
    records[stream.slot].isHeld = false
    updateInterest(stream.slot)
    if speaking != stream { advanceFinishing(stream.slot) }
  }

  package func peerName(of stream: StreamID) -> String {
    holds(stream) ? Socket.peerName(of: descriptors[stream.slot]) : "?"
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
  }

  /// For an owner that stops before the end of what it hears: its answers leave, others have their turn, and
  /// once the peer takes its answers the rest is shown again.
  public func yield(_ stream: StreamID) {
    guard holds(stream) else { return }
    records[stream.slot].hasYielded = true
    hearAgain(stream)
  }

  func hearAgain(_ stream: StreamID) {
    // Once a turn, however often it was asked for: else one that goes on yielding would crowd out the others.
    if records[stream.slot].isWaitingTurn { return }
    records[stream.slot].isWaitingTurn = true
    if again.isEmpty { loop.next { [weak self] in self?.showAgain() } }
    again.append(stream)
  }

  private func showAgain() {
    let waiting = again
    again.removeAll(keepingCapacity: true)
    for stream in waiting where holds(stream) {
      records[stream.slot].isWaitingTurn = false
      let record = records[stream.slot]
      if record.waitingInput > 0 && record.phase == .open && !record.isDeaf { listen(to: stream.slot) }
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
    var outcome = Delivery.taken
    if journal.isOpen {
      outcome = deliver(bytes, to: stream.slot)
    } else {
      outcome = changeAlone(stream, refusable: true) { answer.append(bytes) }
    }
    if outcome == .cut { breakOff(stream) }
    return outcome == .taken
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
    var outcome = Delivery.taken
    if journal.isOpen {
      var bytes = ByteBuffer(capacity: 256)
      render(&bytes)
      outcome = deliver(bytes.bytes, to: stream.slot)
    } else {
      outcome = changeAlone(stream) { render(&answer) }
    }
    if outcome != .taken { breakOff(stream) }
    return outcome == .taken
  }

  /// Nothing more may follow what was cut. The owner hears of it from the loop, not from inside its own call.
  func breakOff(_ stream: StreamID) {
    guard holds(stream), records[stream.slot].phase != .broken else { return }
    records[stream.slot].phase = .broken
    loop.next { [weak self] in
      if let self, holds(stream) { end(stream.slot, .overflow) }
    }
  }

  /// Bytes answered since the owner began to hear `stream`.
  public func answered(_ stream: StreamID) -> Int { speaking == stream ? answer.count : 0 }

  /// Bytes the peer has not taken yet.
  public func pendingBytes(of stream: StreamID) -> Int {
    holds(stream) ? records[stream.slot].waitingOutput : 0
  }

  /// Bytes that have come and wait for the owner.
  package func pendingInput(of stream: StreamID) -> Int {
    holds(stream) ? records[stream.slot].waitingInput : 0
  }

  @inline(__always)
  public func holds(_ stream: StreamID) -> Bool {
    guard stream.index < untouched else { return false }
    let record = records[stream.slot]
    return record.generation == stream.generation && record.phase != .free
  }

  /// Our descriptor of the stream's socket, for giving others a hold of it.
  package func descriptor(of stream: StreamID) -> Int32? {
    holds(stream) && descriptors[stream.slot] >= 0 ? descriptors[stream.slot] : nil
  }

  /// Who is in that place now: for owners whose timers know only the place.
  package func stream(at index: UInt32) -> StreamID? {
    guard index < untouched, records[Int(index)].phase != .free else { return nil }
    return name(Int(index))
  }

  // MARK: Readiness

  public func ready(_ key: UInt32, _ readiness: Readiness) {
    let index = Int(key & (1 << Self.keyBits - 1))
    // Somebody else hears it now.
    if isSuspended { return }
    let record = records[index]
    if record.phase == .free || record.generation & 0xFFF != key >> Self.keyBits { return }
    switch record.phase {
    case .free, .broken: return
    case .connecting: return readiness.isEmpty ? () : settleConnect(index)
    case .open: break
    case .finishing, .lingering:
      // Patience with a peer that should be gone is over.
      if readiness.isEmpty { return end(index, .closed) }
    }
    // The timer was set for an earlier stream of the place.
    if readiness.isEmpty { return }
    if readiness.contains(.writable) { flush(index) }
    guard records[index].phase != .free, records[index].generation == record.generation else { return }
    if !records[index].isDeaf {
      if !readiness.isDisjoint(with: [.readable, .hangup, .failed]) { receive(index) }
    } else if !readiness.isDisjoint(with: [.hangup, .failed]) {
      // Not heard at the moment, and nothing can be answered any more: it would wake us for ever.
      end(index, records[index].phase == .lingering ? .closed : .reset)
    }
  }

  func settleConnect(_ index: Int) {
    let error = Socket.pendingError(of: descriptors[index])
    if error != 0 { return end(index, StreamEnd(errno: error)) }
    records[index].phase = .open
    watchInterest(index)
    owner?.opened(name(index))
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
    let place = Int(index)
    let generation = records[place].generation &+ 1
    descriptors[place] = number
    bracket(place) { records[place] = StreamRecord(generation: generation, phase: phase) }
    count += 1
    do {
      try loop.watch(number, for: interest, by: source, key: key(place))
    } catch {
      bracket(place) { free(place) }
      return nil
    }
    return StreamID(index: index, generation: generation)
  }

  func end(_ index: Int, _ reason: StreamEnd) {
    let id = name(index)
    bracket(index) {
      free(index)
      owner?.ended(id, reason)
    }
  }

  /// `silently`: without a FIN of ours, for a reset is to come.
  func free(_ index: Int, silently: Bool = false) {
    let record = records[index]
    let id = name(index)
    loop.unwatch(descriptors[index])
    journal.step()
    // Whoever else holds the socket keeps it open: it has to be said.
    if onFreed != nil && !silently { Socket.shutdownBoth(descriptors[index]) }
    _ = Glibc.close(descriptors[index])
    descriptors[index] = -1
    // While it is being heard its input is lent to the owner, who may go on reading: `listen` gives it back.
    if record.input != .none && speaking != id { extents.giveBack(record.input) }
    dropOutput(index)
    records[index].phase = .free
    journal.step()
    records[index].input = .none
    resets.remove(index)
    records[index].consumed = record.received
    freed.append(UInt32(index))
    count -= 1
    onFreed?(id)
  }

  func name(_ index: Int) -> StreamID {
    StreamID(index: UInt32(index), generation: records[index].generation)
  }

  func key(_ index: Int) -> UInt32 { key(index, records[index].generation) }

  func key(_ index: Int, _ generation: UInt32) -> UInt32 {
    UInt32(index) | (generation & 0xFFF) << Self.keyBits
  }
}
