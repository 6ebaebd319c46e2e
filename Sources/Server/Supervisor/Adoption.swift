import EventLoop
import Glibc

/// What a supervisor finds that follows another one: worker processes that went on without it, and what they hold
/// open for it.
///
/// In: connections on the control socket, until nobody comes any more. Out: who came, and what they brought.
final class Adoption {
  /// A process that goes on, and who it says it is.
  struct Child {
    var registration: Registration
    var channel: PacketChannel
    var pages: Int32
  }

  /// A gate that goes on.
  struct Gate {
    var registration: GateRegistration
    var channel: PacketChannel
  }

  /// At least one child.
  struct Found {
    let first: Child
    let children: [Child]
    let board: Int32
    let listeners: [Int32]
    let gates: [Gate]
    let gateListeners: [Int32]
  }

  /// Waits for those who may come to the server whose guardian is `guardian`. Nil: nobody did.
  static func gather(
    _ loop: EventLoop, at path: String, in directory: String, guardian: Int32
  ) throws(SystemError) -> Found? {
    try SmallFile.makeDirectory(directory)
    let adoption = try Adoption(loop, path: path, guardian: guardian)
    while !adoption.isOver { try loop.turn(waitingAtMost: .milliseconds(50)) }
    adoption.close()
    guard let first = adoption.children.first, let board = adoption.board else {
      adoption.dismissGates()
      return nil
    }
    return Found(
      first: first, children: adoption.children, board: board, listeners: adoption.listeners,
      gates: adoption.gates, gateListeners: adoption.gateListeners)
  }

  private var children: [Child] = []
  /// The first one's: all have the same.
  private var board: Int32?
  private var listeners: [Int32] = []
  private var gates: [Gate] = []
  private var gateListeners: [Int32] = []
  /// In which gates have written who they are.
  private var books: Board?

  private let loop: EventLoop
  private let path: String
  private let guardian: Int32
  private var listener: Listener?
  private var strangers: [PacketChannel] = []
  private var isOver = false

  private static let patience = Duration.milliseconds(1200)
  /// Behind the last that came: somebody who has not come by then is not expected.
  private static let silence = Duration.milliseconds(150)
  /// Somebody who serves and lives is waited for longer: who is not adopted is ended, and with it what only it has.
  private static let patienceWithClients = Duration.seconds(5)

  private init(_ loop: EventLoop, path: String, guardian: Int32) throws(SystemError) {
    self.loop = loop
    self.path = path
    self.guardian = guardian
    let socket = try PacketChannel.listen(at: path)
    let listener = Listener(loop, socket: socket.release()) { [unowned self] in greet($0) }
    self.listener = listener
    try listener.resume()
    loop.after(Self.patience) { [weak self] in self?.endWhenWhole() }
    loop.after(Self.patienceWithClients) { [weak self] in self?.end() }
  }

  /// From now on nobody is adopted any more; who comes late is sent away.
  private func close() {
    listener?.pause()
    SmallFile.remove(path)
    for stranger in strangers { stranger.close() }
    strangers = []
  }

  private func greet(_ socket: consuming Descriptor) {
    guard let channel = try? PacketChannel(loop, adopting: socket) else { return }
    strangers.append(channel)
    channel.onPacket = { [unowned self, unowned channel] packet, descriptors in
      if case .registered(let gate)? = GateWord(packet) {
        register(channel, gate, descriptors)
      } else {
        register(channel, Word(packet), descriptors)
      }
    }
    channel.onEnd = { [weak self, weak channel] in self?.strangers.removeAll { $0 === channel } }
  }

  private func register(_ channel: PacketChannel, _ word: Word?, _ descriptors: [Int32]) {
    guard !isOver, case .registered(let registration)? = word, descriptors.count > 2 else {
      for number in descriptors { _ = Glibc.close(number) }
      strangers.removeAll { $0 === channel }
      return channel.close()
    }
    strangers.removeAll { $0 === channel }
    // Until its slot hears it: an end is noticed then, by its process.
    channel.onPacket = { _, descriptors in for number in descriptors { _ = Glibc.close(number) } }
    channel.onEnd = {}
    if board == nil {
      board = descriptors[0]
      listeners = Array(descriptors[2...])
      books = try? Board(
        adopting: Descriptor(owning: dup(descriptors[0])), slots: registration.assignment.slots)
    } else {
      _ = Glibc.close(descriptors[0])
      for number in descriptors[2...] { _ = Glibc.close(number) }
    }
    children.append(Child(registration: registration, channel: channel, pages: descriptors[1]))
    waitForMore()
  }

  private func register(_ channel: PacketChannel, _ gate: GateRegistration, _ descriptors: [Int32]) {
    strangers.removeAll { $0 === channel }
    // The board comes with it, and is the workers' too.
    let isWhole = descriptors.count == 1 + gate.assignment.slots * gate.assignment.addresses
    if !isOver && isWhole && gateListeners.isEmpty {
      gateListeners = Array(descriptors[1...])
      _ = Glibc.close(descriptors[0])
    } else {
      for number in descriptors { _ = Glibc.close(number) }
    }
    guard !isOver, isWhole else { return channel.close() }
    channel.onPacket = { _, descriptors in for number in descriptors { _ = Glibc.close(number) } }
    channel.onEnd = {}
    gates.append(Gate(registration: gate, channel: channel))
    waitForMore()
  }

  private func waitForMore() {
    let seen = children.count + gates.count
    loop.after(Self.silence) { [weak self] in
      guard let self, children.count + gates.count == seen else { return }
      endWhenWhole()
    }
  }

  private func endWhenWhole() {
    if !isWorkerMissing && !isGateMissing { return end() }
    loop.after(Self.silence) { [weak self] in self?.endWhenWhole() }
  }

  /// Whether somebody serves who has not come. What a supervisor leaves behind is its guardian's; after an upgrade it
  /// is ours still.
  private var isWorkerMissing: Bool {
    let known = children.map(\.registration.pid)
    return (Machine.children() + Machine.children(of: guardian)).contains { pid in
      !known.contains(pid) && ProcessWatch.isAlive(pid)
        && (try? SmallFile.read("/proc/\(pid)/comm"))?.hasPrefix("wsserver/w") == true
    }
  }

  private var isGateMissing: Bool {
    guard let books else { return false }
    let known = gates.map(\.registration.pid)
    return (0..<books.slotCount).contains { slot in
      books.livingGates(of: slot).contains { !known.contains($0.pid) }
    }
  }

  /// Without workers their clients are lost anyhow, and they hold addresses that are to be opened anew.
  private func dismissGates() {
    for number in gateListeners { _ = Glibc.close(number) }
    for gate in gates { _ = kill(gate.registration.pid, SIGKILL) }
  }

  private func end() { isOver = true }
}
