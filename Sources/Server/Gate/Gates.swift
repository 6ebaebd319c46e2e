import EventLoop
import FleetState
import TLS

/// The host's gates together, one for each worker slot; without a wss listener there are none.
final class Gates {
  /// For log and timeline.
  var onNews: ((GatePost.News, _ slot: Int) -> Void)?
  var onStopped: (() -> Void)?

  private let gateway: Gateway
  private let board: Board
  private var posts: [GatePost] = []
  private var files: CertificateFiles

  /// `controlPath`: where gates find the supervisor that follows this one.
  init(
    _ loop: EventLoop, _ gateway: Gateway, board: Board, files: CertificateFiles, settings: ServerSettings,
    controlPath: String
  ) {
    self.gateway = gateway
    self.board = board
    self.files = files
    let numbers = gateway.listeners.numbers
    let (level, format) = (settings.logLevel.name, settings.logFormat == .json ? "json" : "text")
    posts = numbers.indices.map { slot in
      let post = GatePost(
        loop, slot: slot, board: board, inheritance: [board.pages.number] + numbers.flatMap { $0 }
      ) { [unowned self] generation in
        GateAssignment(
          slot: slot, generation: generation, slots: numbers.count,
          addresses: gateway.listeners.addresses.count, pass: gateway.pass, files: self.files,
          logLevel: level, logFormat: format, controlPath: controlPath)
      }
      post.onNews = { [unowned self] in onNews?($0, slot) }
      post.onStopped = { [unowned self] in if isStopped { onStopped?() } }
      return post
    }
    _ = loop.every(GatePost.pulseEvery) { [weak self] in self?.posts.forEach { $0.checkPulse() } }
  }

  func start() {
    for (slot, post) in posts.enumerated() {
      let own = gateway.orphans.filter { $0.registration.assignment.slot == slot }
      post.adopt(own)
    }
    noteEnd()
  }

  var isStopped: Bool { posts.allSatisfy(\.isStopped) }

  func renew(_ files: CertificateFiles) {
    self.files = files
    for post in posts { post.renew(files) }
    noteEnd()
  }

  /// Gates keep what they have when new files are of no use, and so does the figure.
  private func noteEnd() {
    guard let left = (try? files.load())?.secondsLeft else { return }
    board.host.certificateEnd = UInt64(clamping: WallClock.unixMilliseconds / 1000 + Int64(left))
  }

  func replace() { for post in posts { post.replace() } }

  func stop() {
    for post in posts { post.stop() }
    if isStopped { onStopped?() }
  }
}
