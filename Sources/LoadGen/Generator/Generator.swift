import Bytes
import Compression
import EventLoop
import Measurement
import WireProtocol

/// Holds its part of the run's sockets: opens them by the ramp, sends by the plan, books what comes back.
///
/// In: the plan, which sockets are its own, when the run began. Out: figures, and `onEnd` once everything it
/// opened is closed again. The plan's times come first: whatever a turn finds due is sent in that turn.
final class Generator: StreamOwner, EventSource {
  var figures = RunFigures()
  var open = 0
  var onEnd: (() -> Void)?

  enum Stage { case running, waitingForAnswers, closing, ended }

  let loop: EventLoop
  let plan: Plan
  private let schedule: Schedule
  let shake: Shake
  let table: StreamTable
  private let addresses: [SocketAddress]
  /// This generator's sockets are the run's `first ..< first + count`.
  let first: Int
  private let start: Moment
  let run: UInt32
  let bench: Workbench
  var sockets: [LoadSocket]
  /// By a stream's place in the table; -1 for nobody.
  private var socketOf: [Int32]
  var decoders: [StreamID: ResponseDecoder] = [:]
  var parts = PartialMessages()
  private var source = SourceID.none
  var stage = Stage.running
  var random: SplitMix64
  private var nextToOpen = 0
  var ring: SendRing
  /// Nil unless frames are to be cut, and unless the server is to be restarted: then neither costs anything.
  let cut: FrameCut?
  var windows: RestartWindows?
  var torn = TornFrames()
  private var answersBooked = 0
  var message = ByteBuffer()
  var frame = ByteBuffer()

  /// Streams that are still ending while their successor is opening.
  private static let spareStreams = 4096
  private static let openingsPerTurn = 256
  /// Loopback has 28,000 ports for each address to come from.
  private static let socketsPerSource = 20_000

  init(
    _ loop: EventLoop, plan: Plan, sockets range: Range<Int>, start: Moment, run: UInt32
  ) throws(SystemError) {
    self.loop = loop
    self.plan = plan
    self.start = start
    self.run = run
    first = range.lowerBound
    schedule = plan.schedule
    shake = Shake(target: plan.target, headers: plan.headers, deflate: plan.deflate)
    addresses = plan.target.addresses()
    table = try StreamTable(loop, limits: StreamTable.Limits(streams: range.count + Self.spareStreams))
    bench = Workbench(inflater: try? ZlibInflater())
    sockets = Array(repeating: LoadSocket(), count: range.count)
    socketOf = Array(repeating: -1, count: range.count + Self.spareStreams)
    random = SplitMix64(seed: plan.seed ^ UInt64(range.lowerBound) &* 0x9E37_79B9)
    ring = SendRing(schedule, sockets: range)
    cut = plan.frameCut
    windows = plan.restartWindows
    figures.wanted = range.count
    table.owner = self
    source = loop.add(self)
  }

  func begin() {
    loop.pacer = { [unowned self] in nextDue(after: $0) }
    loop.atEndOfTurn { [unowned self] in work() }
    loop.after((start + plan.duration).duration(since: loop.now)) { [unowned self] in wait() }
    bookAnswers(inSecond: elapsed(.current) / 1_000_000_000)
  }

  /// Asked to end before its time.
  func stop() { wait() }

  /// Restart `number` of the plan has ended.
  func restarted(_ number: Int, at time: UInt64) { windows?.end(number, at: time) }

  // MARK: The plan

  func elapsed(_ moment: Moment) -> UInt64 { moment.nanoseconds(since: start) }

  private func nextDue(after now: Moment) -> Moment? {
    var due = torn.due
    guard stage == .running else { return due.map { start.advanced(byNanoseconds: $0) } }
    if nextToOpen < sockets.count { due = min(due ?? .max, schedule.opening(of: first + nextToOpen)) }
    if open > 0, let send = ring.due { due = min(due ?? send, send) }
    return due.map { start.advanced(byNanoseconds: $0) }
  }

  private func work() {
    let now = elapsed(.current)
    mendDue(now)
    guard stage == .running else { return }
    openDue(now)
    sendDue(now)
  }

  /// Once a second, on the second: the axis costs nothing per message.
  private func bookAnswers(inSecond second: UInt64) {
    let end = (second + 1) * 1_000_000_000
    loop.after(start.advanced(byNanoseconds: end).duration(since: .current)) { [weak self] in
      guard let self, stage != .ended else { return }
      bookAnswers(at: end - 1)
      bookAnswers(inSecond: second + 1)
    }
  }

  func bookAnswers(at time: UInt64) {
    figures.answers.add(at: time, figures.received - answersBooked)
    answersBooked = figures.received
  }

  private func openDue(_ now: UInt64) {
    var left = Self.openingsPerTurn
    while left > 0, nextToOpen < sockets.count, schedule.opening(of: first + nextToOpen) <= now {
      connect(nextToOpen)
      nextToOpen += 1
      left -= 1
    }
  }

  // MARK: Opening

  private func connect(_ index: Int) {
    sockets[index].startedAt = .current
    let address = addresses[index % addresses.count]
    do throws(SystemError) {
      let stream = try table.connect(to: address, from: sourceAddress(index))
      sockets[index].stream = stream
      sockets[index].phase = .connecting
      socketOf[stream.slot] = Int32(index)
      sockets[index].timer = loop.wake(
        source, key: UInt32(index), at: sockets[index].startedAt + plan.connectTimeout)
    } catch {
      failed(index, .refused)
    }
  }

  private func sourceAddress(_ index: Int) -> String? {
    guard plan.target.isLoopback, plan.sockets > Self.socketsPerSource else { return nil }
    return "127.0.\((first + index) / Self.socketsPerSource % 250 + 1).1"
  }

  func shakeNumber(_ index: Int) -> UInt64 {
    plan.seed ^ UInt64(run) << 32 ^ UInt64(first + index) << 8 ^ UInt64(sockets[index].attempt)
  }

  func opened(_ stream: StreamID) {
    guard let index = index(of: stream) else { return }
    sockets[index].phase = .shaking
    table.write(to: stream) { shake.request(shakeNumber(index), into: &$0) }
  }

  func established(_ index: Int, _ agreement: DeflateAgreement?) {
    cancelTimer(index)
    let now = Moment.current
    figures.connect.record(now.nanoseconds(since: sockets[index].startedAt))
    if let dropped = sockets[index].droppedAt {
      figures.reconnect.record(now.nanoseconds(since: dropped))
      figures.herd.add(at: elapsed(now))
      sockets[index].droppedAt = nil
      sockets[index].outage.rest(at: elapsed(now))
    }
    if !sockets[index].hasOpened {
      sockets[index].hasOpened = true
      figures.opened += 1
    }
    // While nobody is open the plan does not wake us: what was due then is past, and not to be sent late now.
    if open == 0 { sendDue(elapsed(now)) }
    sockets[index].phase = .open
    sockets[index].attempt = 0
    sockets[index].conversation = Conversation(
      role: .client, limits: MessageLimits(message: 16 << 20), deflate: agreement != nil)
    open += 1
    figures.heldMost = max(figures.heldMost, open)
  }

  // MARK: Ends

  func ended(_ stream: StreamID, _ end: StreamEnd) {
    decoders[stream] = nil
    parts.forget(stream)
    guard let index = index(of: stream) else { return }
    socketOf[stream.slot] = -1
    let cause: DropCause =
      switch end {
      case .eof, .closed: .eof
      case .reset: .reset
      case .refused: .refused
      case .timeout: .timeout
      case .overflow, .failed: .protocolError
      }
    switch sockets[index].phase {
    case .connecting, .shaking: failed(index, cause)
    case .open: lost(index, cause)
    case .planned, .resting, .gone: break
    }
    endIfAllGone()
  }

  /// An established socket is gone without having been asked to.
  func lost(_ index: Int, _ cause: DropCause) {
    guard sockets[index].phase == .open else { return }
    open -= 1
    let now = Moment.current
    figures.drops.add(cause)
    figures.dropTimes.add(at: elapsed(now))
    _ = torn.take(of: index)
    settle(index)
    sockets[index].droppedAt = now
    sockets[index].outage.expect(at: elapsed(now))
    rest(index)
  }

  /// An attempt to open has failed.
  func failed(_ index: Int, _ cause: DropCause) {
    cancelTimer(index)
    if sockets[index].hasOpened {
      figures.reconnectFailures.add(cause)
    } else {
      figures.failed.add(cause)
    }
    sockets[index].attempt &+= 1
    rest(index)
  }

  private func rest(_ index: Int) {
    sockets[index].stream = nil
    sockets[index].phase = .resting
    guard stage == .running, let pause = plan.reconnect.pause(attempt: Int(sockets[index].attempt), &random)
    else {
      sockets[index].phase = .gone
      sockets[index].outage.rest(at: elapsed(.current))
      return
    }
    sockets[index].timer = loop.wake(source, key: UInt32(index), at: .current + pause)
  }

  func ready(_ key: UInt32, _ readiness: Readiness) {
    let index = Int(key)
    sockets[index].timer = nil
    switch sockets[index].phase {
    case .connecting, .shaking:
      if let stream = sockets[index].stream { drop(stream) }
      failed(index, .timeout)
    case .resting: if stage == .running { connect(index) }
    case .planned, .open, .gone: break
    }
  }

  func drop(_ stream: StreamID) {
    decoders[stream] = nil
    parts.forget(stream)
    socketOf[stream.slot] = -1
    table.close(stream)
  }

  func cancelTimer(_ index: Int) {
    if let timer = sockets[index].timer { loop.cancel(timer) }
    sockets[index].timer = nil
  }

  /// The books of one connection are closed: what is missing is lost. Numbers go on with the next one.
  func settle(_ index: Int) { sockets[index].audit.settle() }

  func index(of stream: StreamID) -> Int? {
    let index = Int(socketOf[stream.slot])
    return index >= 0 && sockets[index].stream == stream ? index : nil
  }
}
