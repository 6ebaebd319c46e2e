import Bytes
import EventLoop
import FleetState
import WireProtocol

/// Every connection of this worker: its stream, its record, its place in a hall, its alarm, its end.
///
/// In: accepted descriptors, what to say to whom, who is to go. Out: `onAlarm`, `onGone`. It alone writes the
/// counters of what is open, so that they cannot drift from the truth.
final class Sockets: EventSource {
  let loop: EventLoop
  let table: StreamTable
  let board: Board
  let slot: Int

  var onAlarm: ((StreamID) -> Void)?
  /// It has come from another process: its next alarm is to be planned.
  var onRejoin: ((StreamID) -> Void)?
  /// A socket is about to leave its hall: it still has its name, and what it has joined.
  var onLeave: ((StreamID) -> Void)?
  /// Somebody came or went.
  var onCount: (() -> Void)?

  /// By which connections from a gate are known.
  var pass: GatePass?

  let slotPages: SlotPages
  private let records: PageArray<SocketRecord>
  let commons: PageArray<SlotCommons>
  let deflaters = Deflaters()
  private var source = SourceID.none
  private var notedIn: UInt64 = 0
  private var notedOut: UInt64 = 0
  /// The stream in each slot, for whoever knows only the slot.
  var seats: [[StreamID]] = Array(repeating: [], count: Hall.allCases.count)
  var alarms: [TimerID?]
  /// Another process serves them now.
  var isSuspended = true

  /// How many sockets hear a broadcast in one turn, so that the others are not kept waiting.
  var toldPerTurn = 1000
  /// Messages a socket may have unread before it is no longer waited for.
  var mostUnread = Int.max

  /// How long a peer may take to answer our close frame.
  static let closePatience = Duration.seconds(5)

  init(
    _ loop: EventLoop, in slotPages: SlotPages, output: Int, board: Board, slot: Int
  ) throws(SystemError) {
    self.loop = loop
    self.board = board
    self.slot = slot
    self.slotPages = slotPages
    var limits = SlotPages.limits(streams: slotPages.streams)
    limits.output = min(output, StreamLayout.longestOutput)
    table = try StreamTable(loop, limits: limits, in: slotPages.pages)
    records = table.companions(of: SocketRecord.self)
    commons = table.commons(of: SlotCommons.self)
    alarms = Array(repeating: nil, count: slotPages.streams)
    memberships = Memberships(slotPages)
    source = loop.add(self)
  }

  subscript(stream: StreamID) -> SocketRecord {
    @inline(__always) _read { yield records[stream.slot] }
    @inline(__always) _modify { yield &records[stream.slot] }
  }

  var count: Int { Hall.allCases.reduce(0) { $0 + seats[Int($1.rawValue)].count } }

  func lastSeat(of hall: Hall) -> StreamID? { seats[Int(hall.rawValue)].last }

  /// By index, so that a walk over a hall survives what happens to it on the way.
  func seat(_ index: Int, of hall: Hall) -> StreamID? {
    index < seats[Int(hall.rawValue)].count ? seats[Int(hall.rawValue)][index] : nil
  }

  let memberships: Memberships
  /// How many of each hall read each rendering.
  var readers = InlineArray<24, Int>(repeating: 0)

  func population(of hall: Hall) -> Int { seats[Int(hall.rawValue)].count }

  // MARK: Lives

  /// Takes an accepted connection in; it speaks HTTP first. Nil when there is no place for it.
  func admit(_ socket: consuming Descriptor) -> StreamID? {
    board[slot].accepted &+= 1
    guard let stream = table.adopt(socket) else { return nil }
    board[slot].connections &+= 1
    table.change(stream) {
      self[stream] = SocketRecord()
      self[stream].phase = isFromGate(stream) ? .introducing : .asking
    }
    return stream
  }

  /// The handshake is done: from now on it is a WebSocket.
  func open(_ stream: StreamID, _ opening: Opening, limits: MessageLimits) {
    let hall = opening.hall
    setAlarm(stream, at: nil)
    self[stream].phase = .talking
    self[stream].hall = hall
    self[stream].manner = opening.manner
    self[stream].dress = Dress(hall, isSluice: opening.isSluice)
    self[stream].said = opening.said
    self[stream].deflateBits = UInt8(opening.deflate?.serverWindowBits ?? 0)
    self[stream].openedAt = loop.now
    self[stream].heardAt = loop.now
    self[stream].conversation = Conversation(role: .server, limits: limits, deflate: opening.deflate != nil)
    if let name = opening.name {
      join(stream, name)
      self[stream].hasName = true
    }
    for group in opening.groups { join(stream, group) }
    takeSeat(stream)
    onCount?()
    board[slot].upgrades &+= 1
    board[slot].open[Int(hall.rawValue)] = UInt64(seats[Int(hall.rawValue)].count)
  }

  /// Ends the conversation with a close frame; the stream ends when the peer has answered or patience is over.
  func close(
    _ stream: StreamID, _ code: CloseCode, _ reason: String = "", as ending: SocketRecord.Ending = .left
  ) {
    guard isTalking(stream), !isPassing(stream) else { return }
    table.change(stream) {
      table.write(to: stream) { FrameWriter.appendClose(code, reason: reason, into: &$0) }
      beginClosing(stream, as: ending)
    }
  }

  /// Our close frame is among what leaves: nothing is said any more.
  func beginClosing(_ stream: StreamID, as ending: SocketRecord.Ending) {
    self[stream].phase = .closing
    self[stream].ending = ending
    self[stream].conversation.beginClose()
    vacateSeat(stream)
    // Whoever was not to be read for a while has its answer to our goodbye heard.
    table.resume(stream)
    setAlarm(stream, at: loop.now + Self.closePatience)
  }

  /// Ends the stream now. Its name is gone afterwards.
  func drop(_ stream: StreamID, reset: Bool = false, as ending: SocketRecord.Ending? = nil) {
    if isPassing(stream) { return }
    table.change(stream) {
      if let ending, self[stream].phase == .talking { self[stream].ending = ending }
      forget(stream)
      table.close(stream, reset: reset)
    }
  }

  /// The stream has ended, by whosever doing.
  func forget(_ stream: StreamID) {
    if self[stream].phase == .vacant { return }
    if self[stream].phase == .talking { vacateSeat(stream) }
    setAlarm(stream, at: nil)
    var store = spill(of: stream)
    store.truncate(to: 0)
    self[stream].part = .none
    self[stream].phase = .vacant
    board[slot].connections &-= 1
  }

  func takeSeat(_ stream: StreamID) {
    let hall = Int(self[stream].hall.rawValue)
    self[stream].seat = UInt32(seats[hall].count)
    seats[hall].append(stream)
    countReader(stream, 1)
  }

  private func countReader(_ stream: StreamID, _ change: Int) {
    let run = Run(self[stream].dress, deflated: self[stream].deflateBits == 15)
    readers[Run.count * Int(self[stream].hall.rawValue) + run.rawValue] += change
  }

  /// The renderings that somebody of an audience reads, or may read.
  ///
  /// Who reads compressed frames may be told some of them alone (it said the others, or reads on from the stream), and
  /// gets those plain.
  func runs(for audience: Audience) -> Runs {
    var halls = Halls.all
    if case .halls(let some) = audience { halls = some }
    var runs: Runs = []
    for hall in Hall.allCases where halls.contains(hall) {
      for index in 0..<Run.count where readers[Run.count * Int(hall.rawValue) + index] > 0 {
        runs.insert(Runs(Run(rawValue: index)))
        runs.insert(Runs(Run(rawValue: index).plain))
      }
    }
    return runs
  }

  /// Leaves the hall: this is the moment a socket stops being counted as open.
  private func vacateSeat(_ stream: StreamID) {
    onLeave?(stream)
    leaveSeat(stream)
    countDuration(of: stream)
    settleDrain(stream)
    onCount?()
  }

  func leaveSeat(_ stream: StreamID) {
    let hall = self[stream].hall
    let seat = Int(self[stream].seat)
    let last = seats[Int(hall.rawValue)].removeLast()
    if last != stream {
      seats[Int(hall.rawValue)][seat] = last
      self[last].seat = UInt32(seat)
    }
    countReader(stream, -1)
    for index in 0..<Int(self[stream].joined) {
      memberships.remove(stream, from: memberships[stream, index].key)
    }
    board[slot].open[Int(hall.rawValue)] = UInt64(seats[Int(hall.rawValue)].count)
  }

  /// Counts on the board that are not what there is.
  func miscounts(fixing: Bool) -> Int {
    var wrong = 0
    var connections: UInt64 = 0
    table.forEachStream { _ in connections += 1 }
    if board[slot].connections != connections {
      wrong += 1
      if fixing { board[slot].connections = connections }
    }
    for hall in Hall.allCases where board[slot].open[Int(hall.rawValue)] != UInt64(population(of: hall)) {
      wrong += 1
      if fixing { board[slot].open[Int(hall.rawValue)] = UInt64(population(of: hall)) }
    }
    return wrong
  }

  // MARK: Drains

  /// Marks every open socket as one of those the drain has to account for. A worker that starts in the middle
  /// of it goes on with the account of the one before it.
  func beginDrain(_ number: UInt32) {
    if drain.number == UInt64(number) { return }
    var share = DrainShare()
    share.number = UInt64(number)
    share.start = UInt64(count)
    for hall in seats { for stream in hall { self[stream].drain = number } }
    drain = share
  }

  /// The drain was taken back: whoever leaves now leaves as on any other day.
  func forgetDrain() { drain = DrainShare() }

  /// Ours to change with the records; everybody else reads it on the board.
  var drain: DrainShare {
    get { commons[0].drain }
    set {
      commons[0].drain = newValue
      board[slot].drain = newValue
    }
  }

  private func settleDrain(_ stream: StreamID) {
    guard self[stream].drain > 0, UInt64(self[stream].drain) == drain.number else { return }
    switch self[stream].ending {
    case .left where self[stream].isHinted: drain.moved &+= 1
    case .left: drain.left &+= 1
    case .paced: drain.paced &+= 1
    case .forced: drain.forced &+= 1
    }
  }

  private func countDuration(of stream: StreamID) {
    let nanoseconds = loop.now.nanoseconds(since: self[stream].openedAt)
    let bucket = DurationBuckets.index(ofSeconds: Double(nanoseconds) / 1e9)
    board[slot].durations[bucket] &+= 1
    board[slot].durationMicroseconds &+= nanoseconds / 1000
  }

  // MARK: Speech

  /// One message to one socket, compressed where that was agreed on and pays.
  @inline(__always)
  func say(_ opcode: Opcode, _ prefix: StaticString = "", _ payload: Span<UInt8>, to stream: StreamID) {
    board[slot].messagesOut &+= 1
    let count = prefix.utf8CodeUnitCount + payload.count
    let bits = Int(self[stream].deflateBits)
    if bits > 0, count >= Deflaters.threshold {
      table.write(to: stream) {
        deflaters.append(opcode, prefix, payload, windowBits: bits, into: &$0)
      }
      return
    }
    table.write(to: stream) { out in
      FrameWriter.appendHeader(opcode, forCount: count, into: &out)
      out.append(prefix)
      out.append(payload)
    }
  }

  func ping(_ stream: StreamID) {
    table.write(to: stream) { FrameWriter.append(.ping, Span(), into: &$0) }
  }

  /// The view of the socket's unfinished message; put it back with `keep`.
  @inline(__always)
  func spill(of stream: StreamID) -> Spill {
    Spill(in: table.extents, extent: self[stream].part, count: self[stream].conversation.held)
  }

  /// What the socket takes of our memory: its record, its name and what it has joined, what waits of its input, and what
  /// it has not read.
  func memory(of stream: StreamID) -> Int {
    MemoryLayout<SocketRecord>.stride + Int(self[stream].joined) * MemoryLayout<Membership>.stride
      + table.pendingInput(of: stream) + table.pendingBytes(of: stream)
      + (self[stream].phase == .talking ? Int(self[stream].conversation.held) : 0)
  }

  /// Bytes are counted where they pass; the board hears of them once a second.
  func noteTraffic() {
    board[slot].bytesIn &+= table.bytesIn &- notedIn
    board[slot].bytesOut &+= table.bytesOut &- notedOut
    notedIn = table.bytesIn
    notedOut = table.bytesOut
  }

  /// Counts an error of this worker by its kind.
  func count(_ error: ErrorKind) { board[slot].errors[error.rawValue] &+= 1 }

  // MARK: Alarms

  /// One alarm per socket: `onAlarm` at that moment, unless it is set anew before.
  func setAlarm(_ stream: StreamID, at moment: Moment?) {
    if let alarm = alarms[stream.slot] { loop.cancel(alarm) }
    alarms[stream.slot] = moment.map { loop.wake(source, key: stream.index, at: $0) }
  }

  func ready(_ key: UInt32, _ readiness: Readiness) {
    guard !isSuspended, let stream = table.stream(at: key) else { return }
    alarms[stream.slot] = nil
    onAlarm?(stream)
  }
}
