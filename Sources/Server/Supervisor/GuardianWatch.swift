import EventLoop
import FleetState
import Glibc

/// The supervisor's eye on its guardian, without which its own next fault would leave the workers to nobody. When the
/// guardian is gone, this process becomes the next one, which starts the supervisor that goes on: to the workers it is as
/// if this one had died.
///
/// In: the server's pid and arguments. Out: `onGone`, and after `takeItsPlace` another program.
final class GuardianWatch {
  var onGone: (() -> Void)?
  /// Something is under way that is better ended before.
  var isBusy: () -> Bool = { false }

  private let loop: EventLoop
  private let server: Int32
  private let arguments: [String]
  private var watch: ProcessWatch?

  private static let askAgain = Duration.milliseconds(500)
  /// What is on its way to Redis leaves first.
  private static let lastWords = Duration.milliseconds(50)

  init(_ loop: EventLoop, server: Int32, arguments: [String]) {
    self.loop = loop
    self.server = server
    self.arguments = arguments
  }

  func begin() {
    let parent = Machine.parent
    do throws(SystemError) {
      watch = try ProcessWatch(loop, pid: parent) { [unowned self] in gone() }
    } catch {
      if error.code == ESRCH { return gone() }
    }
    // It may have gone before: then our parent is whoever takes in orphans.
    if Machine.parent != parent || !isGuardian(parent) { gone() }
  }

  private func isGuardian(_ pid: Int32) -> Bool {
    if pid == server { return true }
    guard let name = try? SmallFile.read("/proc/\(pid)/comm") else { return pid > 1 }
    return name == "\(Guardian.name)\n"
  }

  private func gone() {
    watch?.cancel()
    watch = nil
    onGone?()
  }

  /// As soon as nothing is under way.
  func takeItsPlace() {
    loop.after(Self.lastWords) { [unowned self] in
      if !isBusy() { become() }
      // Something is under way, or there is no memory for it now.
      loop.after(Self.askAgain) { [unowned self] in takeItsPlace() }
    }
  }

  private func become() {
    // The program that runs, which knows how; what lies on disk may not.
    _ = Machine.become(Machine.programPath, [Guardian.argument, "\(server)"] + arguments)
  }
}
