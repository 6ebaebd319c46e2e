import CommandLine
import EventLoop
import FleetState
import Glibc
import RedisClient

/// How a worker process begins: with its channel on descriptor 3, the board on 4, its slot's pages
/// on 5, the listeners from 6 on.
enum WorkerMain {
  /// Nobody types it: the supervisor starts itself again with it.
  static let argument = "--as-worker"

  private static let channelNumber: Int32 = 3
  private static let boardNumber: Int32 = 4
  private static let pagesNumber: Int32 = 5
  private static let listenersNumber: Int32 = 6

  static func run() -> Int32 {
    do throws(SystemError) {
      let loop = try EventLoop()
      // The supervisor decides when a worker goes; a terminal's Ctrl-C reaches only the supervisor.
      let signals = try Signals(loop, [SIGINT, SIGTERM, SIGHUP, SIGPIPE]) { _ in }
      defer { withExtendedLifetime(signals) {} }
      let channel = try PacketChannel(loop, adopting: Descriptor(owning: channelNumber))
      var worker: Worker?
      channel.onPacket = { packet, descriptors in
        for number in descriptors { _ = Glibc.close(number) }
        guard worker == nil, case .begin(let assignment)? = Order(packet) else { return }
        worker = begin(assignment, loop, channel)
        if worker == nil { loop.stop() }
      }
      channel.onEnd = { loop.stop() }
      try loop.run()
      return worker == nil ? 3 : 0
    } catch {
      Log(service: "wsserver").error("worker: \(error)", event: "worker_failed")
      return 3
    }
  }

  private static func begin(_ assignment: Assignment, _ loop: EventLoop, _ channel: PacketChannel) -> Worker?
  {
    let log = Log(service: "wsserver")
    do {
      let invocation = try Invocation(assignment.arguments, of: Options.program)
      var layers = Settings.Layers()
      layers.flags = invocation.values
      let settings = try ServerSettings(Settings(Options.all, layers))
      guard let host = Name(assignment.host) else { return nil }
      let pages = try SlotPages(adopting: Descriptor(owning: pagesNumber), streams: assignment.streams)
      let worker = try Worker(
        loop, line: Line(loop, channel, path: assignment.controlPath),
        board: Board(adopting: Descriptor(owning: boardNumber), slots: assignment.slots),
        pages: pages, assignment: assignment, settings: settings,
        endpoint: RedisEndpoint(parsing: assignment.redis),
        host: host,
        log: Log(level: settings.logLevel, format: settings.logFormat, service: "wsserver"))
      worker.start(listeners: listeners(assignment))
      return worker
    } catch {
      log.error("worker \(assignment.slot): \(error)", event: "worker_failed")
      return nil
    }
  }

  private static func listeners(_ assignment: Assignment) -> [[Int32]] {
    (0..<assignment.slots).map { slot in
      (0..<assignment.addresses).map { listenersNumber + Int32(slot * assignment.addresses + $0) }
    }
  }
}
