import EventLoop
import Glibc

/// The processes of a slot that are on their way out: told to go, and ended should they not.
final class Retirement {
  private let loop: EventLoop
  private var all: [SlotProcess] = []

  static let patience = Duration.seconds(5)

  init(_ loop: EventLoop) { self.loop = loop }

  var running: [SlotProcess] { all.filter(\.isRunning) }

  func begin(_ process: SlotProcess?) {
    guard let process, process.isRunning else { return }
    if !all.contains(where: { $0 === process }) { all.append(process) }
    process.send(.retire)
    Self.watch(process, loop)
  }

  /// Not now: to let go of thousands of sockets takes the processor from those who need it.
  func beginLater(_ process: SlotProcess, unless isOver: @escaping () -> Bool) {
    all.append(process)
    loop.after(.seconds(1)) { [weak self] in if !isOver() { self?.begin(process) } }
  }

  func ended(_ process: SlotProcess) { all.removeAll { $0 === process } }

  /// Whoever has been told to go and does not.
  static func watch(_ process: SlotProcess, _ loop: EventLoop) {
    loop.after(patience) { if process.isRunning { process.signal(SIGKILL) } }
  }
}
