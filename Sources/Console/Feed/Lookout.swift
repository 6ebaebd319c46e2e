import EventLoop
import FleetState
import RedisClient

/// What only the shown page needs, asked for only while it is shown: the bus, the sockets, the tasks.
///
/// In: the page, and what it looks for. Out: what was found. A list is read again after a rest a hundred times as long
/// as reading took, so that it never costs more than a hundredth of a core, here or at Redis.
final class Lookout {
  var onLine: ((BusLine) -> Void)?
  var onBusBegins: (() -> Void)?
  var onSockets: ((Result<OpenSockets, RedisError>, SocketFilter) -> Void)?
  var onTasks: ((TaskLists.Answer, TaskStatus?) -> Void)?
  /// Something of the above has come.
  var onChange: (() -> Void)?

  private let loop: EventLoop
  private let redis: Redis
  private let bus: BusFeed
  private let sockets: SocketLists
  private let tasks: TaskLists
  private var page = View.Page.overview
  /// Nil until it is known who is there.
  private var hosts: [HostRecord]?
  private var socketFilter = SocketFilter()
  private var taskStatus: TaskStatus?
  private var isReading = false
  /// Somebody waits for it.
  private var isUrgent = false
  private var nextRead = Moment(nanoseconds: 0)

  private static let leastRest = Duration.seconds(2)
  private static let longestRest = Duration.seconds(30)
  private static let restPerRead = 100

  init(_ loop: EventLoop, feed: Feed) {
    self.loop = loop
    redis = feed.redis
    bus = BusFeed(loop, endpoint: feed.endpoint, redis: feed.redis, keys: feed.keys)
    sockets = SocketLists(feed.redis, keys: feed.keys)
    tasks = TaskLists(feed.redis, keys: feed.keys)
    bus.onLine = { [unowned self] in onLine?($0) }
    bus.onBatch = { [unowned self] in onChange?() }
    bus.onBeginning = { [unowned self] in onBusBegins?() }
  }

  /// The view as it is now: asks for what it lacks.
  func look(_ view: View) {
    hosts = view.snapshot?.hosts.map(\.record)
    if page != view.page || socketFilter != view.sockets.wanted || taskStatus != view.tasks.status {
      isUrgent = true
    }
    page = view.page
    socketFilter = view.sockets.wanted
    taskStatus = view.tasks.status
    if page == .traffic { bus.open() } else { bus.close() }
    read()
  }

  private func read() {
    guard redis.isReady, !isReading, isUrgent || loop.now >= nextRead else { return }
    switch page {
    case .sockets: readSockets()
    case .tasks: readTasks()
    case .overview, .workers, .restart, .traffic, .timeline, .help: return
    }
  }

  private func readSockets() {
    guard let hosts else { return }
    let filter = socketFilter
    let done = begin()
    sockets.read(filter, of: hosts, most: SocketBook.most) { [weak self] answer in
      done()
      self?.onSockets?(answer, filter)
      self?.onChange?()
    }
  }

  private func readTasks() {
    let status = taskStatus
    let done = begin()
    tasks.read(status) { [weak self] answer in
      done()
      self?.onTasks?(answer, status)
      self?.onChange?()
    }
  }

  /// To be called when it is read.
  private func begin() -> () -> Void {
    isReading = true
    isUrgent = false
    let started = loop.now
    return { [weak self] in
      guard let self else { return }
      isReading = false
      let rest = loop.now.duration(since: started) * Self.restPerRead
      nextRead = loop.now + min(max(rest, Self.leastRest), Self.longestRest)
    }
  }
}
