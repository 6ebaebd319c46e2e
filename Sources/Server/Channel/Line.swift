import EventLoop
import Glibc

/// A worker's line to its supervisor, which may die and be followed by another: then the line is tied anew, and the
/// worker says who it is.
///
/// In: `send`. Out: `onPacket`. What is said while nobody listens is lost, for the next supervisor asks anew.
final class Line {
  var onPacket: ((Span<UInt8>, [Int32]) -> Void)?
  /// Who we are, and the descriptors that a supervisor without a past needs.
  var introduction: (() -> (packet: [UInt8], descriptors: [Int32])?)?
  /// Nobody is there.
  var onLost: (() -> Void)?

  private let loop: EventLoop
  private let path: String
  private var channel: PacketChannel?

  private static let firstPause = Duration.milliseconds(10)
  private static let longestPause = Duration.milliseconds(500)

  /// `path`: where the next supervisor will listen.
  init(_ loop: EventLoop, _ channel: PacketChannel, path: String) {
    self.loop = loop
    self.path = path
    use(channel)
  }

  /// A supervisor listens, as far as we know.
  var isTied: Bool { channel != nil }

  func send(_ packet: [UInt8]) { channel?.send(packet) }

  private func use(_ channel: PacketChannel) {
    self.channel = channel
    channel.onPacket = { [unowned self] in onPacket?($0, $1) }
    channel.onEnd = { [unowned self] in
      self.channel = nil
      onLost?()
      look(Self.firstPause)
    }
  }

  private func look(_ pause: Duration) {
    loop.after(pause) { [unowned self] in
      if channel != nil { return }
      if !introduce() { look(min(pause * 2, Self.longestPause)) }
    }
  }

  private func introduce() -> Bool {
    guard let (packet, descriptors) = introduction?(),
      let socket = try? PacketChannel.connect(to: path),
      let channel = try? PacketChannel(loop, adopting: socket)
    else { return false }
    guard channel.offer(packet, descriptors) else {
      channel.close()
      return false
    }
    use(channel)
    return true
  }
}
