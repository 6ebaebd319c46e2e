import EventLoop
import FleetState
import Glibc

/// How a process begins that the supervisor has started: with its channel on descriptor 3, the board on 4, and what it
/// is given beside from 5 on.
///
/// In: the order that says what it is to be. Out: that, running until it ends its loop or the supervisor's end of the
/// channel is gone, and an exit code: 3 if nothing began.
enum ChildMain {
  private static let channelNumber: Int32 = 3
  static let boardNumber: Int32 = 4
  static let ownNumbers: Int32 = 5

  static func run<Assignment, Role>(
    _ name: String, assignment: @escaping (Span<UInt8>) -> Assignment?,
    begin: @escaping (Assignment, EventLoop, PacketChannel) throws -> Role
  ) -> Int32 {
    let log = Log(service: "wsserver")
    do {
      let loop = try EventLoop()
      // The supervisor decides when a child goes; a terminal's Ctrl-C reaches only the supervisor.
      let signals = try Signals(loop, [SIGINT, SIGTERM, SIGHUP, SIGPIPE]) { _ in }
      defer { withExtendedLifetime(signals) {} }
      let channel = try PacketChannel(loop, adopting: Descriptor(owning: channelNumber))
      var role: Role?
      channel.onPacket = { packet, descriptors in
        for number in descriptors { _ = Glibc.close(number) }
        guard role == nil, let assignment = assignment(packet) else { return }
        do { role = try begin(assignment, loop, channel) } catch {
          log.error("\(name): \(error)", event: "\(name)_failed")
          loop.stop()
        }
      }
      channel.onEnd = { loop.stop() }
      try loop.run()
      return role == nil ? 3 : 0
    } catch {
      log.error("\(name): \(error)", event: "\(name)_failed")
      return 3
    }
  }
}
