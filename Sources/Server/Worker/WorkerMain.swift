import CommandLine
import EventLoop
import FleetState
import RedisClient

/// How a worker process begins: with its slot's pages on descriptor 5, the listeners from 6 on.
enum WorkerMain {
  /// Nobody types it: the supervisor starts itself again with it.
  static let argument = "--as-worker"

  private static let pagesNumber = ChildMain.ownNumbers
  private static let listenersNumber = ChildMain.ownNumbers + 1

  static func run() -> Int32 {
    ChildMain.run("worker") { packet in
      if case .begin(let assignment)? = Order(packet) { assignment } else { nil }
    } begin: { assignment, loop, channel in
      try begin(assignment, loop, channel)
    }
  }

  private static func begin(
    _ assignment: Assignment, _ loop: EventLoop, _ channel: PacketChannel
  ) throws -> Worker {
    let invocation = try Invocation(assignment.arguments, of: Options.program)
    var layers = Settings.Layers()
    layers.flags = invocation.values
    let settings = try ServerSettings(Settings(Options.all, layers))
    guard let host = Name(assignment.host) else { throw StartError.usage("no name of a host") }
    let pages = try SlotPages(adopting: Descriptor(owning: pagesNumber), streams: assignment.streams)
    let worker = try Worker(
      loop, line: Line(loop, channel, path: assignment.controlPath),
      board: Board(adopting: Descriptor(owning: ChildMain.boardNumber), slots: assignment.slots),
      pages: pages, assignment: assignment, settings: settings,
      endpoint: RedisEndpoint(parsing: assignment.redis),
      host: host,
      log: Log(level: settings.logLevel, format: settings.logFormat, service: "wsserver"))
    worker.start(listeners: listeners(assignment))
    return worker
  }

  private static func listeners(_ assignment: Assignment) -> [[Int32]] {
    (0..<assignment.slots).map { slot in
      (0..<assignment.addresses).map { listenersNumber + Int32(slot * assignment.addresses + $0) }
    }
  }
}
