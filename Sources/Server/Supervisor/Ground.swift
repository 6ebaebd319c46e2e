import EventLoop
import FleetState
import Glibc

/// What a supervisor stands on: new ground, or what the workers of the one before it have held open.
struct Ground {
  let board: Board
  let listeners: Listeners
  let host: Name
  /// The processes that go on.
  let orphans: [Adoption.Child]
  let slots: Int
  let streams: Int
  /// Nil without a wss listener.
  let gateway: Gateway?

  /// Descriptors of a worker that are for everything but clients.
  static let descriptorReserve = 256

  static func lay(
    _ loop: EventLoop, _ settings: ServerSettings, mode: SupervisorMode, place: StatePlace, log: Log
  ) throws(StartError) -> Ground {
    guard let path = try? place.controlSocket(of: mode.server), mode.kind != .first else {
      return try Ground(settings, log)
    }
    let found: Adoption.Found?
    do throws(SystemError) {
      found = try Adoption.gather(loop, at: path, in: place.runtime, guardian: Machine.parent)
    } catch {
      throw .unreachable("cannot go on with the workers: \(error)")
    }
    guard let found else { return try Ground(settings, log) }
    do throws(ForeignPages) { return try Ground(adopting: found, settings, log) } catch {
      throw .unreachable("cannot go on with the workers, which serve on without a leader: they have \(error)")
    }
  }

  /// Nothing is touched before this program knows that it can go on with all of it.
  private init(adopting found: Adoption.Found, _ settings: ServerSettings, _ log: Log) throws(ForeignPages) {
    let first = found.first.registration.assignment
    slots = first.slots
    streams = first.streams
    for child in found.children {
      _ = try SlotPages(adopting: Descriptor(owning: dup(child.pages)), streams: first.streams)
    }
    board = try Board(adopting: Descriptor(owning: found.board), slots: first.slots)
    board.stamp()
    listeners = Listeners(
      adopting: found.listeners, slots: first.slots, count: first.addresses,
      asked: settings.listen + (settings.metricsListen.map { [$0] } ?? []), innerPort: first.pass?.port)
    gateway = first.pass.map { Gateway(adopting: found, pass: $0, asked: settings.secureListen, log: log) }
    host = Name(first.host) ?? settings.namespace
    orphans = found.children
  }

  private init(_ settings: ServerSettings, _ log: Log) throws(StartError) {
    slots = settings.workers
    streams = max(64, Machine.raiseDescriptorLimit() - Self.descriptorReserve)
    do throws(SystemError) { board = try Board(slots: settings.workers) } catch {
      throw .unreachable("cannot start: \(error)")
    }
    listeners = Listeners(slots: settings.workers)
    for address in settings.listen { try listeners.open(address) }
    host = settings.host ?? Self.hostName(settings, listeners) ?? settings.namespace
    orphans = []
    // The second listener is a courtesy unless it was asked for: a taken port then costs only a line.
    if let metrics = settings.metricsListen {
      do throws(StartError) { try listeners.open(metrics) } catch {
        if settings.metricsIsAsked { throw error }
        log.info("no second listener for metrics: \(error.text)", event: "metrics_listener")
      }
    }
    gateway =
      settings.secureListen.isEmpty
      ? nil : try Gateway(settings.secureListen, slots: settings.workers, beside: listeners)
  }

  /// Where clients connect, in words.
  var addresses: [String] { listeners.addresses.map(\.description) + (gateway?.names ?? []) }

  /// Anyone beyond this machine can connect.
  var isPublic: Bool { listeners.isPublic || gateway?.listeners.isPublic == true }

  /// What does not depend on what the supervisor is about.
  func record(started: Int64) -> HostRecord {
    var record = HostRecord(id: host)
    record.address = Machine.hostName
    record.pid = Machine.pid
    record.build = Build.version
    record.started = started
    record.workers = slots
    record.listen = addresses
    record.sockets = Int(clamping: board.sockets)
    record.totals = board.traffic
    record.vitals.acceptQueue = listeners.acceptQueue
    record.crashes = Int(clamping: board.host.crashes)
    record.restarts = Int(clamping: board.host.restarts)
    return record
  }

  /// The machine's name and the first port: two servers on one machine are two hosts.
  private static func hostName(_ settings: ServerSettings, _ listeners: Listeners) -> Name? {
    let port = (listeners.firstPort ?? settings.secureListen.first?.port).map { "-\($0)" } ?? ""
    let letters = Machine.hostName.unicodeScalars.prefix(50).map { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "-")
        ? Character(scalar) : "-"
    }
    return Name(String(letters) + port)
  }
}
