import EventLoop
import FleetState
import RedisClient
import TLS

/// Runs tasks: as many at a time as there is room for, each until Redis has taken down how it ended.
///
/// In: entries of the queue. Out: effects and endings, each in one step. What it keeps here is only what is under way
/// this moment; whoever serves the slot next, or claims its lease, goes on from Redis.
final class TaskRunner {
  struct Terms {
    /// At a time; 0: none are run here.
    var room = 64
    var allowance = WebhookAllowance()
    /// Where a webhook without a URL of its own goes.
    var configured: WebhookURL?
  }

  private struct Run {
    let entry: TaskQueue.Entry
    /// What was asked for another run of the same entry is not for this one.
    let number: UInt64
    var webhook: Webhook?
  }

  private let loop: EventLoop
  private let board: Board
  private let slot: Int
  private let queue: TaskQueue
  private let reader: TaskReader
  private let terms: Terms
  private let lease = Lease(length: .seconds(10), renewal: .milliseconds(2500))
  private lazy var context = try? TLSContext.client()
  private var running: [EntryID: Run] = [:]
  private var number: UInt64 = 0
  private var random = SystemRandomNumberGenerator()
  private var stops: [() -> Void] = []
  private var nextPromotion: (timer: TimerID, at: Moment)?

  /// Without a worker that knows better, what is due waits that long.
  private static let promotionEvery = Duration.seconds(1)
  /// Until an ending that Redis has not taken is offered again.
  private static let settlePause = Duration.seconds(1)

  init(_ sockets: Sockets, queue: TaskQueue, reader: TaskReader, terms: Terms) {
    loop = sockets.loop
    board = sockets.board
    slot = sockets.slot
    self.queue = queue
    self.reader = reader
    self.terms = terms
    reader.room = { [unowned self] in self.queue.isReady ? max(0, self.terms.room - running.count) : 0 }
    reader.onEntries = { [unowned self] in take($0) }
  }

  /// No call to a receiver is under way, which a successor would have to make a second time.
  var isQuiet: Bool { running.values.allSatisfy { $0.webhook == nil } }

  // MARK: Life

  /// `resting`: in a drain, so nothing is begun.
  func open(resting: Bool) {
    guard stops.isEmpty, terms.room > 0 else { return }
    note()
    reader.open(resting: resting)
    stops = [
      loop.every(lease.renewal) { [unowned self] in keepLease() },
      loop.every(Self.promotionEvery) { [unowned self] in promote() },
    ]
  }

  /// Redis takes commands (again): what could not be begun before is begun now.
  func connected() { if !stops.isEmpty { reader.hearOwnAgain() } }

  /// A drain has begun: what runs goes on, nothing more is begun.
  func rest() { reader.rest() }

  /// It was taken back.
  func wake() { if !stops.isEmpty { reader.wake() } }

  /// Another process goes on with the slot, and with its tasks.
  func close() {
    for stop in stops { stop() }
    stops = []
    if let nextPromotion { loop.cancel(nextPromotion.timer) }
    nextPromotion = nil
    reader.close()
    for run in running.values { run.webhook?.cancel() }
    running.removeAll()
    board[slot].tasks.unfinished = 0
    note()
  }

  /// The slot ends: what has not ended by itself is somebody else's at once.
  func leave() {
    if stops.isEmpty { return }
    let entries = running.values.map(\.entry)
    close()
    for entry in entries {
      let event = TaskEvent(entry.task, .queued, attempt: entry.attempt, at: WallClock.unixMilliseconds)
      queue.settle(entry, .init(verdict: .back(attempt: entry.attempt), event: event)) { _ in }
    }
    queue.retire()
  }

  // MARK: Runs

  private func take(_ entries: [TaskQueue.Entry]) {
    for entry in entries where running[entry.id] == nil {
      number += 1
      running[entry.id] = Run(entry: entry, number: number)
      begin(entry, number)
    }
    note()
  }

  private func begin(_ entry: TaskQueue.Entry, _ number: UInt64) {
    queue.begin(entry, at: WallClock.unixMilliseconds) { [weak self] beginning in
      guard let self, running[entry.id]?.number == number else { return }
      switch beginning {
      case .begun(let record, let now):
        board[slot].tasks.begun &+= 1
        perform(record, entry, at: now)
      // Without an answer it stays ours in Redis, and comes back to us with its lease.
      case .nothing, .failed: end(entry)
      }
    }
  }

  private func perform(_ record: TaskRecord, _ entry: TaskQueue.Entry, at now: Int64) {
    if record.runs > TaskSettlement.mostRuns {
      return settle(entry, .refused(reason: "\(record.runs - 1) workers ended in the middle of it"))
    }
    let work: TaskWork
    do throws(TaskRefusal) { work = try record.work(configured: terms.configured) } catch {
      return settle(entry, .refused(reason: error.reason))
    }
    switch work {
    case .sleep(let milliseconds):
      // Nobody has to wait beside it: it comes back when its time is over.
      let left = (record.due ?? now &+ milliseconds).subtractingReportingOverflow(now).partialValue
      if left <= 0 { return settle(entry, .done) }
      finish(entry, .init(verdict: .later(min(left, Self.longestSleep), attempt: entry.attempt)))
    case .broadcast(let text, let form, let halls):
      let head = TaskAnnouncement.head(BusEntry(.broadcast(halls), form: form))
      settle(entry, .done, effect: (head, text))
    case .webhook(let url, let body): call(url, body, entry)
    }
  }

  private static let longestSleep = Int64(TaskWork.longestSleep * 1000)

  private func call(_ url: WebhookURL, _ body: String, _ entry: TaskQueue.Entry) {
    guard let address = terms.allowance.address(of: url) else {
      // Another host may be allowed to.
      return settle(entry, .failed(reason: "this host may not call there"))
    }
    let webhook = Webhook(loop, context: url.isSecure ? context : nil)
    running[entry.id]?.webhook = webhook
    let letter = Webhook.Letter(
      url: url, address: address, body: body, task: entry.task, attempt: entry.attempt)
    webhook.send(letter) { [unowned self] outcome in
      running[entry.id]?.webhook = nil
      settle(entry, outcome)
    }
  }

  private func settle(
    _ entry: TaskQueue.Entry, _ outcome: TaskSettlement.Outcome,
    effect: (head: String, payload: String)? = nil
  ) {
    let settlement = TaskSettlement(
      entry.task, outcome, attempt: entry.attempt, at: WallClock.unixMilliseconds, using: &random)
    let verdict: TaskQueue.Ending.Verdict =
      switch settlement.verdict {
      case .done: .done
      case .dead: .dead
      case .again(let pause): .later(pause.wholeMilliseconds, attempt: entry.attempt + 1)
      }
    finish(entry, .init(verdict: verdict, event: settlement.event, effect: effect))
  }

  /// Offers the ending until Redis takes it or another worker has the task. Twice taken it counts once.
  private func finish(_ entry: TaskQueue.Entry, _ ending: TaskQueue.Ending) {
    guard let number = running[entry.id]?.number else { return }
    queue.settle(entry, ending) { [weak self] settling in
      guard let self, running[entry.id]?.number == number else { return }
      switch settling {
      case .settled:
        count(ending)
        if case .later(let milliseconds, _) = ending.verdict { promote(in: .milliseconds(milliseconds)) }
        end(entry)
      case .lost: end(entry)
      case .failed: loop.after(Self.settlePause) { [weak self] in self?.finish(entry, ending, as: number) }
      }
    }
  }

  private func finish(_ entry: TaskQueue.Entry, _ ending: TaskQueue.Ending, as number: UInt64) {
    if running[entry.id]?.number == number { finish(entry, ending) }
  }

  private func end(_ entry: TaskQueue.Entry) {
    running[entry.id] = nil
    note()
    reader.roomGrew()
  }

  // MARK: Time

  /// Shows that we live, and looks for those who do not.
  private func keepLease() {
    if !running.isEmpty {
      queue.renew(running.values.map(\.entry)) { [weak self] lost in for id in lost { self?.lose(id) } }
    }
    let room = terms.room - running.count
    if room <= 0 || reader.isResting { return }
    queue.claim(atMost: room, after: lease.length) { [weak self] entries in
      guard let self, !stops.isEmpty else { return }
      board[slot].tasks.claimed &+= UInt64(entries.count { self.running[$0.id] == nil })
      take(entries)
    }
  }

  private func lose(_ id: EntryID) {
    guard let run = running[id] else { return }
    run.webhook?.cancel()
    end(run.entry)
  }

  private func promote() {
    if reader.isResting { return }
    queue.promote { [weak self] next, unfinished in
      guard let self, !stops.isEmpty else { return }
      board[slot].tasks.unfinished = UInt64(max(0, unfinished))
      if let next { promote(in: next) }
    }
  }

  /// What is due later than the next round waits for that one.
  private func promote(in delay: Duration) {
    let moment = loop.now + delay
    if delay >= Self.promotionEvery { return }
    if let planned = nextPromotion {
      if planned.at <= moment { return }
      loop.cancel(planned.timer)
    }
    let timer = loop.after(delay) { [unowned self] in
      nextPromotion = nil
      promote()
    }
    nextPromotion = (timer, moment)
  }

  // MARK: Figures

  private func note() { board[slot].tasks.running = UInt64(running.count) }

  private func count(_ ending: TaskQueue.Ending) {
    switch ending.event?.status {
    case .done: board[slot].tasks.done &+= 1
    case .failed: board[slot].tasks.failed &+= 1
    case .retrying: board[slot].tasks.retried &+= 1
    case .queued, .running, nil: break
    }
  }
}
