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

  /// At least one child.
  struct Found {
    let first: Child
    let children: [Child]
    let board: Int32
    let listeners: [Int32]
  }

  /// Waits for those who may come. Nil: nobody did.
  static func gather(
    _ loop: EventLoop, at path: String, in directory: String
  ) throws(SystemError) -> Found? {
    try SmallFile.makeDirectory(directory)
    let adoption = try Adoption(loop, path: path)
    while !adoption.isOver { try loop.turn(waitingAtMost: .milliseconds(50)) }
    adoption.close()
    guard let first = adoption.children.first, let board = adoption.board else { return nil }
    return Found(
      first: first, children: adoption.children, board: board, listeners: adoption.listeners)
  }

  private var children: [Child] = []
  /// The first one's: all have the same.
  private var board: Int32?
  private var listeners: [Int32] = []

  private let loop: EventLoop
  private let path: String
  private var listener: Listener?
  private var strangers: [PacketChannel] = []
  private var isOver = false

  private static let patience = Duration.milliseconds(1200)
  /// Behind the last that came: somebody who has not come by then is not expected.
  private static let silence = Duration.milliseconds(150)

  private init(_ loop: EventLoop, path: String) throws(SystemError) {
    self.loop = loop
    self.path = path
    let socket = try PacketChannel.listen(at: path)
    let listener = Listener(loop, socket: socket.release()) { [unowned self] in greet($0) }
    self.listener = listener
    try listener.resume()
    loop.after(Self.patience) { [weak self] in self?.end() }
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
      register(channel, Word(packet), descriptors)
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
    } else {
      _ = Glibc.close(descriptors[0])
      for number in descriptors[2...] { _ = Glibc.close(number) }
    }
    children.append(Child(registration: registration, channel: channel, pages: descriptors[1]))
    let seen = children.count
    loop.after(Self.silence) { [weak self] in if self?.children.count == seen { self?.end() } }
  }

  private func end() { isOver = true }
}
