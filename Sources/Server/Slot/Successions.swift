import EventLoop
import Glibc

/// How a slot passes from one process to the next, seen from one of them.
///
/// Serving, it gives every process it is tied to a hold of its sockets, and offers them when it is told to. Asleep, it
/// keeps what it is given, and takes over when its worker is dead or offers. The word of ownership in the slot's pages
/// decides who serves: whoever has not won it touches nothing.
final class Successions {
  enum How { case planned, killed, fault }

  /// Stop serving: all that moves by itself comes to rest.
  var pause: (() -> Void)?
  /// Serve (again); since when nobody has.
  var resume: ((How, Moment) -> Void)?
  var say: ((Word) -> Void)?
  /// There is nothing left to stand by for.
  var leave: (() -> Void)?
  /// Nothing is under way that a successor could not go on with.
  var isQuiet: (() -> Bool)?
  /// There is a supervisor who would tell us that our worker is dead.
  var isLed: (() -> Bool)?

  private let sockets: Sockets
  private let loop: EventLoop
  let generation: UInt32
  private let owner: Ownership
  private let heartbeat: PageWord
  private let keepsakes: Keepsakes
  private var leashes: [(tie: Tie, leash: Leash)] = []
  /// Whose sockets we keep.
  private var worker: Tie?
  /// All that was open when we were tied to the worker, and since.
  private(set) var keepsAll = false
  private var watch: ProcessWatch?
  private var isBeating = false
  /// To whom the slot is offered.
  private var offeredTo: Tie?

  /// A successor that does not take what it is offered by then does not get it.
  private static let offerPatience = Duration.milliseconds(250)
  /// Requests whose answer is being looked for may take so long before they are cut.
  private static let quietPatience = Duration.seconds(2)
  /// A worker that is said to be dead is waited for so long.
  private static let deathPatience = Duration.seconds(3)
  /// Without a supervisor the standby acts by itself; with one it waits longer for a word of it.
  private static let orderPatience = Duration.milliseconds(250)
  private static let leaderPatience = Duration.seconds(1)

  init(_ sockets: Sockets, generation: UInt32) {
    self.sockets = sockets
    self.generation = generation
    loop = sockets.loop
    owner = sockets.slotPages.owner
    heartbeat = sockets.slotPages.heartbeat
    keepsakes = Keepsakes(places: sockets.slotPages.streams)
  }

  /// How many sockets of another process are kept here.
  var keptCount: Int { keepsakes.count }

  /// The first process of the slot's life.
  func claim() { owner.claim(generation) }

  /// Shows that the loop goes round.
  func beatEachTurn() {
    if isBeating { return }
    isBeating = true
    loop.atEndOfTurn { [unowned self] in
      if !sockets.isSuspended { heartbeat.value &+= 1 }
    }
  }

  // MARK: Ties

  func tie(_ tie: Tie, _ end: consuming Descriptor) {
    guard let channel = try? PacketChannel(loop, adopting: end) else { return }
    let leash = Leash(loop, channel, keepsakes: keepsakes, places: sockets.slotPages.streams) {
      [unowned self] in sockets.table.descriptor(of: $0)
    }
    leash.onWhole = { [unowned self] in
      keepsAll = true
      say?(.kept)
    }
    leash.onOffer = { [unowned self] in takeOffer() }
    leash.onEnd = { [unowned self] in untie(tie) }
    leashes.append((tie, leash))
    if tie.isWorker {
      keep(for: tie)
    } else {
      shareEnds()
      leash.hold(streams)
    }
  }

  private func untie(_ peer: Tie) {
    leashes.removeAll { $0.tie.generation == peer.generation }
    if offeredTo?.generation == peer.generation { takeBack("it ended before it took over") }
    shareEnds()
    if worker == peer { leaveIfUseless(peer) }
  }

  /// A worker that lives and has let go of us has no use for us; one that dies lets go of us, too.
  private func leaveIfUseless(_ peer: Tie) {
    loop.after(.seconds(1)) { [weak self] in
      guard let self, sockets.isSuspended, worker == peer, ProcessWatch.isAlive(peer.pid) else { return }
      leave?()
    }
  }

  private var streams: [StreamID] {
    var streams: [StreamID] = []
    sockets.table.forEachStream { streams.append($0) }
    return streams
  }

  /// Whoever keeps our sockets hears of those that end.
  private func shareEnds() {
    if leashes.isEmpty || sockets.isSuspended { return sockets.table.onFreed = nil }
    sockets.table.onFreed = { [unowned self] stream in for (_, leash) in leashes { leash.gone(stream) } }
  }

  /// Whoever would go on for us has been given hold of everything.
  var isKept: Bool { !leashes.isEmpty && leashes.allSatisfy { $0.leash.isFlushed } }

  func admitted(_ stream: StreamID) { for (_, leash) in leashes { leash.admitted(stream) } }

  // MARK: A dead worker

  private func keep(for tie: Tie) {
    worker = tie
    watch?.cancel()
    do throws(SystemError) {
      watch = try ProcessWatch(loop, pid: tie.pid) { [unowned self] in inheritSoon(from: tie) }
    } catch {
      watch = nil
      if error.code == ESRCH { inheritSoon(from: tie) }
    }
  }

  /// The supervisor knows how it died, and says so; should it be gone too, the sockets do not wait for it.
  private func inheritSoon(from dead: Tie, since begun: Moment = .current) {
    loop.after(Self.orderPatience) { [unowned self] in
      // By then the slot may have come to us and gone on to another, who lives.
      guard worker == dead else { return }
      let isExpected = isLed?() == true && loop.now.duration(since: begun) < Self.leaderPatience
      if isExpected { inheritSoon(from: dead, since: begun) } else { inherit(.killed) }
    }
  }

  /// Serves what the dead worker has left, if nobody else does.
  func inherit(_ death: Order.Death) { inherit(death, since: .current) }

  private func inherit(_ death: Order.Death, since begun: Moment) {
    guard sockets.isSuspended, let dead = worker ?? offeredTo else { return }
    // Whoever says so may be wrong, or early: two who serve would be worse than nobody.
    if ProcessWatch.isAlive(dead.pid) {
      if loop.now.duration(since: begun) > Self.deathPatience { return }
      loop.after(.milliseconds(5)) { [weak self] in self?.inherit(death, since: begun) }
      return
    }
    guard owner.inherit(from: dead.generation, by: generation) else { return }
    resume?(death == .fault ? .fault : .killed, begun)
  }

  /// Goes on with the slot's sockets; the word of ownership is ours.
  func takeOver(_ how: How) -> StreamTable.TakenOver {
    let before = worker
    // Its last words may still lie between us.
    for (tie, leash) in leashes where tie == before { leash.readAll() }
    worker = nil
    keepsAll = false
    offeredTo = nil
    watch?.cancel()
    watch = nil
    let taken = sockets.takeOver(isExact: how == .planned) { [keepsakes] in keepsakes.take($0) }
    keepsakes.onKept = nil
    keepsakes.onDropped = nil
    keepsakes.dropAll()
    shareEnds()
    for (tie, leash) in leashes {
      // Whoever has just handed them over has them still.
      if how == .planned && tie == before { leash.holdsAll(streams) } else { leash.hold(streams) }
    }
    return taken
  }

  // MARK: Handing over

  /// The slot is to be ours soon: what thousands of sockets need first is done before.
  func prepare() {
    guard sockets.isSuspended else { return }
    sockets.table.suspend()
    let table = sockets.table
    keepsakes.forEach { table.watchAhead($0, $1) }
    keepsakes.onKept = { table.watchAhead($0, $1) }
    keepsakes.onDropped = { table.unwatchAhead($0, $1) }
    say?(.prepared)
  }

  func handOver(to successor: UInt32) { handOver(to: successor, until: loop.now + Self.quietPatience) }

  private func handOver(to successor: UInt32, until deadline: Moment) {
    guard offeredTo == nil, !sockets.isSuspended,
      let (tie, leash) = leashes.first(where: { $0.tie.generation == successor })
    else { return say?(.unchanged(reason: "there is no such successor")) ?? () }
    if isQuiet?() == false, loop.now < deadline {
      loop.after(.milliseconds(10)) { [weak self] in self?.handOver(to: successor, until: deadline) }
      return
    }
    // At the end of a turn nothing of ours is half done.
    loop.next { [unowned self] in offer(to: tie, leash) }
  }

  private func offer(to tie: Tie, _ leash: Leash) {
    pause?()
    sockets.suspend()
    shareEnds()
    offeredTo = tie
    // Before the offer, for after it a name may mean another stream.
    let numbers = sockets.table.letGo { [keepsakes] in keepsakes.keep($0, $1) }
    owner.offer(to: tie.generation)
    leash.offer()
    for number in numbers { loop.unwatch(number) }
    loop.after(Self.offerPatience) { [weak self] in
      if self?.offeredTo == tie { self?.takeBack("it did not take over in time") }
    }
  }

  private func takeOffer() {
    let begun = Moment.current
    if sockets.isSuspended, owner.take(generation) { resume?(.planned, begun) }
  }

  /// Serves on, unless the successor was quicker: then its sockets are kept from now on.
  private func takeBack(_ reason: String) {
    guard let tie = offeredTo else { return }
    offeredTo = nil
    let begun = Moment.current
    guard owner.takeBack(from: tie.generation, by: generation) else {
      keepsAll = true
      return keep(for: tie)
    }
    resume?(.planned, begun)
    say?(.unchanged(reason: reason))
  }
}
