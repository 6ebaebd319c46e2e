#if DEBUG
  import Bytes
  import Glibc

  @testable import EventLoop

  /// A slot whose processes are killed at chosen steps, each followed by the next, under clients that count.
  ///
  /// A kill is played at the very step: the one who is killed stays where it is on the stack and does no more, while
  /// the next takes over the pages and the dups of its sockets, serves to the end, and is examined.
  final class CrashPlay {
    struct Plan {
      var seed: UInt64
      /// After so many steps of each life, the next begins; the one after the last lives on.
      var deaths: [Int]
      var callers = 3
      /// Longest payload of a request, longest answer, longest broadcast.
      var longestRequest = 3000
      var longestAnswer = 4000
      var longestBroadcast = 2000
      /// Unless it is 0, no answer is shorter.
      var shortestAnswer = 0
      var requests = 4
      /// A small kernel buffer cuts what is sent in pieces.
      var kernelBuffer: Int32?
      /// The last life before is not killed but hands over between two turns.
      var isPlanned = false
    }

    private let plan: Plan
    private var random: Random
    private let pages: SharedPages
    private let layout: StreamLayout
    private let listener: Descriptor
    private let port: UInt16
    private var kept: [StreamID: Int32] = [:]
    private var gone: [StreamID] = []
    private var callers: [Caller] = []
    private var deaths: ArraySlice<Int>
    private var lives = 0
    private var tables: [StreamTable] = []
    private var broadcastsLeft: Int
    private var isOver = false
    private(set) var steps = 0
    private(set) var trouble: String?

    private static let mostTurns = 20_000

    init(_ plan: Plan) throws {
      self.plan = plan
      random = Random(state: plan.seed)
      deaths = plan.deaths[...]
      layout = StreamLayout(Life.limits)
      pages = try SharedPages(name: "test-slot", byteCount: layout.byteCount)
      listener = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
      port = Socket.localPort(of: listener.number) ?? 0
      broadcastsLeft = Int.random(in: 0...3, using: &random)
    }

    deinit { for number in kept.values { _ = Glibc.close(number) } }

    /// What went wrong, or nil.
    func run() throws -> String? {
      let first = try Life(in: pages, seed: plan.seed)
      for _ in 0..<plan.callers { try admit(to: first) }
      guard callers.count == plan.callers else { return "only \(callers.count) callers" }
      watch(first)
      shareEnds(of: first)
      try live(first)
      for caller in callers { caller.leave() }
      for table in tables {
        table.suspend()
        for number in table.letGo({ _, _ in }) { _ = Glibc.close(number) }
        // Or loop and table keep each other, and ten thousand plays all descriptors there are.
        table.loop.remove(table.source)
      }
      return trouble
    }

    private func admit(to life: Life) throws {
      let peer = Peer(try Socket.connect(to: .tcp(host: "127.0.0.1", port: port)))
      var entry = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&entry, 1, 2000)
      let number = Glibc.accept(listener.number, nil, nil)
      _ = fcntl(number, F_SETFL, O_NONBLOCK)
      if var size = plan.kernelBuffer {
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
      }
      guard let stream = life.table.adopt(Descriptor(owning: number)) else { return }
      kept[stream] = dup(number)
      callers.append(Caller(peer, stream, requests: requests(), broadcasts: 0))
    }

    private func requests() -> [Dialogue.Request] {
      var all = (1..<plan.requests).map { _ in
        Dialogue.Request(
          payload: (0..<length(upTo: plan.longestRequest)).map { _ in
            UInt8.random(in: 0...255, using: &random)
          },
          wanted: UInt32(max(plan.shortestAnswer, length(upTo: plan.longestAnswer))))
      }
      all.append(Dialogue.Request(payload: [1, 2, 3], wanted: Dialogue.goodbye))
      return all
    }

    /// Mostly short, now and then long.
    private func length(upTo most: Int) -> Int {
      Int.random(in: 0..<5, using: &random) == 0
        ? Int.random(in: 0...most, using: &random) : Int.random(in: 0...min(most, 200), using: &random)
    }

    // MARK: Living

    private func live(_ life: Life) throws {
      for _ in 0..<Self.mostTurns {
        if isOver { return }
        act(life)
        if isOver { return }
        try life.loop.turn(waitingAtMost: .zero)
        if isOver { return }
        dropGone()
        if let complaint = callers.lazy.compactMap(\.complaint).first {
          let who = callers.firstIndex { $0.complaint != nil } ?? 0
          return finish("caller \(who): \(complaint)")
        }
        if callers.allSatisfy(\.isDone) { return examine(life) }
        if plan.isPlanned, deaths.count == 1 { try handOver(life) }
      }
      let states = callers.map { "\($0.answers)/\($0.requests.count)" }
      finish("nothing moves any more; answers: \(states)")
    }

    private func act(_ life: Life) {
      let caller = callers[Int.random(in: callers.indices, using: &random)]
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4: caller.say(upTo: Int.random(in: 1...max(12, plan.longestRequest / 2), using: &random))
      case 4..<9:
        caller.listen(
          upTo: Int.random(in: 1...max(200, plan.longestAnswer / 2), using: &random), broadcastLength)
      default:
        if broadcastsLeft > 0 {
          broadcastsLeft -= 1
          life.broadcast(count: broadcastLength)
        }
      }
    }

    private var broadcastLength: Int { plan.longestBroadcast }

    /// All have what was theirs: then the books must say so too.
    private func examine(_ life: Life) {
      let answered = callers.reduce(0) { $0 + $1.answers }
      if life.commons[0].answered != UInt64(answered) {
        return finish("\(answered) answers were heard, the books say \(life.commons[0].answered)")
      }
      finish(nil)
    }

    private func finish(_ trouble: String?) {
      if isOver { return }
      isOver = true
      self.trouble = trouble
      for caller in callers { caller.leave() }
    }

    // MARK: Dying

    private func watch(_ life: Life) {
      tables.append(life.table)
      var left = deaths.popFirst()
      life.table.journal.onStep = { [unowned self, unowned life] in
        if isOver || life.isDead { return }
        steps += 1
        guard let rest = left else { return }
        left = rest - 1
        if rest == 1 { kill(life) }
      }
    }

    /// The dead one goes on after this, over records as it knew them and towards peers that have gone.
    private func kill(_ life: Life) {
      life.isDead = true
      let head = pages.withBytes(at: 0, count: layout.answerAt) { $0.copied() }
      gone.removeAll()
      do {
        try begin(isExact: false)
      } catch {
        finish("\(error)")
      }
      pages.write(head.span, at: 0)
    }

    private func handOver(_ life: Life) throws {
      guard Int.random(in: 0..<20, using: &random) == 0 else { return }
      deaths.removeAll()
      life.table.suspend()
      for number in life.table.letGo({ _, _ in }) {
        life.loop.unwatch(number)
        _ = Glibc.close(number)
      }
      life.isDead = true
      try begin(isExact: true)
    }

    private func begin(isExact: Bool) throws {
      lives += 1
      let next = try Life(in: pages, seed: plan.seed &+ UInt64(lives))
      watch(next)
      let taken = next.table.takeOver(isExact: isExact, spill: { _ in .none }) { [kept] in
        kept[$0].map { dup($0) }
      }
      if isOver { return }
      if taken.broken > 0 || taken.missing > 0 { finish("taken over: \(taken)") }
      shareEnds(of: next)
      if !isOver { next.carry() }
      try live(next)
    }

    /// The keeper hears of ends at the end of a turn.
    private func shareEnds(of life: Life) {
      life.table.onFreed = { [unowned self, unowned life] in if !life.isDead { gone.append($0) } }
    }

    private func dropGone() {
      for stream in gone { kept.removeValue(forKey: stream).map { _ = Glibc.close($0) } }
      gone.removeAll()
    }
  }
#endif
