import CLinux

/// Signals as events of the loop: blocked for the process, read from a descriptor.
package final class Signals: EventSource {
  private let descriptor: Descriptor
  private let handler: (Int32) -> Void

  package init(
    _ loop: EventLoop, _ signals: [Int32], handler: @escaping (Int32) -> Void
  ) throws(SystemError) {
    // SAFETY: the array's own count is passed along.
    let fd = unsafe clinux_signals(signals, Int32(signals.count))
    descriptor = Descriptor(owning: try checked(fd, "signalfd"))
    self.handler = handler
    try loop.watch(descriptor.number, for: .readable, by: loop.add(self))
  }

  /// Whether whoever started us wants it ignored, as `nohup` does. To be asked before it is listened for.
  package static func isIgnored(_ number: Int32) -> Bool { clinux_ignores(number) != 0 }

  package func ready(_ key: UInt32, _ readiness: Readiness) {
    while true {
      let number = clinux_next_signal(descriptor.number)
      if number <= 0 { return }
      handler(number)
    }
  }
}
