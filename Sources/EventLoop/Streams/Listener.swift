import CLinux
import Glibc

/// Accepts from a listening socket it does not own, a bounded number a turn, and survives a full table.
///
/// With no descriptor left, a level-triggered listener would wake the loop for ever. So one is held in
/// reserve: given up, it lets one connection in to be closed at once, and accepting pauses for a moment.
package final class Listener: EventSource {
  package private(set) var refusedForDescriptors: UInt64 = 0

  private let loop: EventLoop
  private let socket: Int32
  private let budget: Int
  private let accepted: (consuming Descriptor) -> Void
  private var source: SourceID?
  private var reserve: Int32
  private var isPaused = true
  /// Runs while accepting rests for want of descriptors.
  private var rest: TimerID?

  package init(
    _ loop: EventLoop, socket: Int32, budget: Int = 64, accepted: @escaping (consuming Descriptor) -> Void
  ) {
    self.loop = loop
    self.socket = socket
    self.budget = budget
    self.accepted = accepted
    reserve = Self.openReserve()
  }

  /// The listening socket.
  package var number: Int32 { socket }

  deinit { if reserve >= 0 { _ = Glibc.close(reserve) } }

  package func resume() throws(SystemError) {
    guard isPaused, rest == nil else { return }
    let id = loop.add(self)
    do throws(SystemError) {
      try loop.watch(socket, for: .readable, by: id)
    } catch {
      loop.remove(id)
      throw error
    }
    source = id
    isPaused = false
  }

  /// Connections then wait in the kernel's queue, or go to a sibling that shares the port.
  package func pause() {
    if let rest { loop.cancel(rest) }
    rest = nil
    guard !isPaused else { return }
    loop.unwatch(socket)
    if let source { loop.remove(source) }
    source = nil
    isPaused = true
  }

  package func ready(_ key: UInt32, _ readiness: Readiness) {
    for _ in 0..<budget where !isPaused {
      let fd = clinux_accept(socket)
      if fd >= 0 {
        accepted(Descriptor(owning: fd))
      } else if fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM {
        return turnAway()
      } else if fd != -ECONNABORTED {
        return
      }
    }
  }

  private func turnAway() {
    refusedForDescriptors += 1
    if reserve >= 0 {
      _ = Glibc.close(reserve)
      let fd = clinux_accept(socket)
      if fd >= 0 { _ = Glibc.close(fd) }
    }
    reserve = Self.openReserve()
    pause()
    rest = loop.after(.milliseconds(20)) { [self] in
      rest = nil
      try? resume()
    }
  }

  // SAFETY: a constant path.
  private static func openReserve() -> Int32 { unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC) }
}
