import Bytes
import Compression
import EventLoop
import Measurement
import TLS
import WireProtocol

/// Holds its part of the run's sockets: opens them by the ramp, sends by the plan, books what comes back.
///
/// In: the plan, which sockets are its own, when the run began. Out: figures, and `onEnd` once everything it
/// opened is closed again. The plan's times come first: whatever a turn finds due is sent in that turn.
final class Generator: StreamOwner, EventSource {
  var figures = RunFigures()
  var open: Int { figures.joined - figures.left }
  var onEnd: (() -> Void)?
  /// An assertion cannot hold any more (`--fail-fast`).
  var onHopeless: ((String) -> Void)?

  enum Stage { case running, waitingForAnswers, closing, ended }

  let loop: EventLoop
  let plan: Plan
  let course: Course
  /// Of the course.
  private(set) var phase = 0
  let shake: Shake
  let table: StreamTable
  /// Nil for targets without TLS.
  let wires: SecureWires?
  let addresses: [SocketAddress]
  /// This generator's sockets are the run's `first ..< first + count`.
  let first: Int
  private let start: Moment
  let run: UInt32
  let bench: Workbench
  var sockets: [LoadSocket]
  /// By a stream's place in the table; -1 for nobody.
  var socketOf: [Int32]
  var decoders: [StreamID: ResponseDecoder] = [:]
  var parts = PartialMessages()
  private(set) var source = SourceID.none
  var stage = Stage.running
  private(set) var isHurried = false
  var random: SplitMix64
  private var nextToOpen = 0
  var ring: SendRing
  /// Nil unless frames are to be cut, and unless the server is to be restarted: then neither costs anything.
  let cut: FrameCut?
  var windows: RestartWindows?
  var torn = TornFrames()
  var blackout = Blackout()
  var strain = Strain()
  /// Nil unless answers are told by their order, and unless all hear a publisher.
  var ordered: OrderedAnswers?
  var hall: Hall?
  /// Of each socket; empty but in mode sluice.
  var seats: [SluiceSeat] = []
  /// Of those that are moving to another connection, the one they have.
  var formers: [Int: FormerLink] = [:]
  /// When sockets are to come back, as the server said.
  var told: [Int: Moment] = [:]
  var answersBooked = 0
  var message = ByteBuffer()
  var frame = ByteBuffer()

  /// Streams that are still ending while their successor is opening.
  private static let spareStreams = 4096
  private static let openingsPerTurn = 256

  /// `addresses` are those of the target, looked up before.
  init(
    _ loop: EventLoop, plan: Plan, addresses: [SocketAddress], sockets range: Range<Int>, start: Moment,
    run: UInt32
  ) throws {
    self.loop = loop
    self.plan = plan
    self.start = start
    self.run = run
    self.addresses = addresses
    first = range.lowerBound
    course = plan.course
    shake = Shake(
      target: plan.target, headers: plan.headers, subprotocols: plan.subprotocols, deflate: plan.deflate)
    let table = try StreamTable(loop, limits: StreamLimits(streams: range.count + Self.spareStreams))
    self.table = table
    wires =
      try plan.target.isSecure
      ? SecureWires(table, host: plan.target.host, authority: plan.authority) : nil
    bench = Workbench(inflater: try? ZlibInflater())
    sockets = Array(repeating: LoadSocket(), count: range.count)
    socketOf = Array(repeating: -1, count: range.count + Self.spareStreams)
    random = SplitMix64(seed: plan.seed ^ UInt64(range.lowerBound) &* 0x9E37_79B9)
    ring = SendRing(course.phases[0].schedule, sockets: range.clamped(to: 0..<course.phases[0].sockets))
    cut = plan.frameCut
    windows = plan.restartWindows
    figures.recovery = Recovery(begins: plan.restarts.map(\.at.wholeNanoseconds))
    figures.wanted = range.count
    if case .order(let text) = plan.match { ordered = OrderedAnswers(containing: text) }
    hall = plan.publications.map {
      Hall($0, publisher: range.lowerBound == 0 ? publisher() : nil, sockets: range.count)
    }
    seats = Self.seats(plan, first: range.lowerBound, count: range.count)
    table.owner = self
    source = loop.add(self)
  }

  func begin() {
    loop.pacer = { [unowned self] in nextDue(after: $0) }
    loop.atEndOfTurn { [unowned self] in work() }
    loop.after((start + plan.duration).duration(since: loop.now)) { [unowned self] in wait() }
    look(inSecond: elapsed(.current) / 1_000_000_000)
  }

  /// Asked to end before its time; once it waits for missing answers, not to wait for them.
  func stop() {
    if stage == .waitingForAnswers { isHurried = true } else { wait() }
  }

  /// Restart `number` of the plan has ended.
  func restarted(_ number: Int, at time: UInt64) {
    windows?.end(number, at: time)
    figures.recovery.end(number, at: time)
  }

  // MARK: The plan

  func elapsed(_ moment: Moment) -> UInt64 { moment.nanoseconds(since: start) }

  func moment(_ elapsed: UInt64) -> Moment { start.advanced(byNanoseconds: elapsed) }

  /// How many of our sockets this phase wants open.
  private var held: Int { min(max(course.phases[phase].sockets - first, 0), sockets.count) }

  private func nextDue(after now: Moment) -> Moment? {
    var due = torn.due ?? .max
    if stage == .running {
      due = min(due, course.end(of: phase))
      if nextToOpen < held { due = min(due, course.opening(of: first + nextToOpen, in: phase)) }
      if open > 0, let send = ring.due { due = min(due, send) }
      if let publication = hall?.due { due = min(due, publication) }
    }
    return due == .max ? nil : moment(due)
  }

  private func work() {
    let now = elapsed(.current)
    mendDue(now)
    guard stage == .running else { return }
    while now >= course.end(of: phase) { enterNextPhase() }
    openDue(now)
    // A turn that is late may be beyond the end, where all processes have to end alike.
    let due = min(now, plan.duration.wholeNanoseconds)
    sendDue(due)
    publishDue(due)
  }

  private func enterNextPhase() {
    let end = course.end(of: phase)
    sendDue(end - 1)
    let before = held
    phase += 1
    let next = course.phases[phase]
    let range = (first..<first + sockets.count).clamped(to: 0..<next.sockets)
    ring = SendRing(next.schedule, sockets: range, begins: next.begins)
    for index in min(held, before)..<before { dismiss(index) }
    nextToOpen = min(nextToOpen, held)
  }

  private func openDue(_ now: UInt64) {
    var left = Self.openingsPerTurn
    while left > 0, nextToOpen < held, course.opening(of: first + nextToOpen, in: phase) <= now {
      if sockets[nextToOpen].phase == .planned { connect(nextToOpen) }
      nextToOpen += 1
      left -= 1
    }
  }

  // MARK: Streams and sockets

  func index(of stream: StreamID) -> Int? {
    let index = Int(socketOf[stream.slot])
    return index >= 0 && sockets[index].stream == stream ? index : nil
  }

  /// What was known of the stream is forgotten; it may still have something to say to the peer.
  func release(_ stream: StreamID) {
    decoders[stream] = nil
    parts.forget(stream)
    wires?.forget(stream)
    socketOf[stream.slot] = -1
  }

  func drop(_ stream: StreamID) {
    release(stream)
    table.close(stream)
  }

  func cancelTimer(_ index: Int) {
    if let timer = sockets[index].timer { loop.cancel(timer) }
    sockets[index].timer = nil
  }

  func wake(_ index: Int, at moment: Moment) {
    cancelTimer(index)
    sockets[index].timer = loop.wake(source, key: UInt32(index), at: moment)
  }

  private func publisher() -> Publisher {
    switch plan.publishing {
    case .socket: return .socket
    case .http: return addresses.first.map { .http(HTTPPublisher(loop, to: $0, plan: plan)) } ?? .socket
    case .redis:
      return plan.redis.map { .redis(RedisPublisher(loop, $0, channel: plan.redisChannel)) } ?? .socket
    }
  }
}
