import EventLoop

/// What a client had sent when a worker failed on it: kept in the state directory, for whoever looks for the reason.
///
/// The last so many are kept; an older one gives way.
struct Poison {
  static let mostBytes = 64 << 10
  private static let mostFiles = 16
  private static let prefix = "poison-"

  let bytes: [UInt8]
  let peer: String
  /// How other lines name the socket.
  let fields: Log.Fields

  /// Writes it down and says so. It blocks for the time of one small file.
  func keep(in directory: String, slot: Int, log: Log) {
    let name = "\(Self.prefix)\(WallClock.unixMilliseconds)-\(slot).bin"
    do throws(SystemError) {
      try Self.makeRoom(in: directory)
      try SmallFile.replace("\(directory)/\(name)", with: bytes)
    } catch {
      return log.error(
        "worker \(slot) failed on \(said), which is not kept: \(error)", event: "poison", fields)
    }
    log.error("worker \(slot) failed on \(said), kept in \(directory)/\(name)", event: "poison", fields)
  }

  private var said: String { "\(bytes.count) bytes of \(peer)" }

  /// Named by their time, so the first in order is the oldest.
  private static func makeRoom(in directory: String) throws(SystemError) {
    let kept = try SmallFile.names(in: directory).filter { $0.hasPrefix(prefix) }.sorted()
    for name in kept.dropLast(mostFiles - 1) { SmallFile.remove("\(directory)/\(name)") }
  }
}
