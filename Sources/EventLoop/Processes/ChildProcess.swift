import CLinux
import Glibc

/// How a process ended.
package enum ProcessExit: Equatable, Sendable, CustomStringConvertible {
  case code(Int32)
  case signal(Int32)
  /// It was not ours to be told.
  case unknown

  package var description: String {
    switch self {
    case .code(let code): "exit code \(code)"
    case .signal(let number): "signal \(number)"
    case .unknown: "nobody knows how"
    }
  }
}

/// A child known by its pidfd, so that no signal ever meets a stranger who got the same number.
package final class ChildProcess: EventSource {
  package let pid: Int32
  package private(set) var exit: ProcessExit?

  private let loop: EventLoop
  private let descriptor: Descriptor
  private let onExit: (ProcessExit) -> Void
  private var source: SourceID?

  /// `inheriting` maps descriptor numbers of the child to ours; all else but 0, 1 and 2 is closed there. `holdsSignals`:
  /// those that people send wait until it listens to them.
  package init(
    _ loop: EventLoop, path: String, arguments: [String], environment: [String]? = nil,
    inheriting: [Int32: Int32] = [:], diesWithUs: Bool = true, ownSession: Bool = false,
    holdsSignals: Bool = false,
    onExit: @escaping (ProcessExit) -> Void
  ) throws(SystemError) {
    let inherit = inheriting.map { clinux_inherit(from: $0.value, to: $0.key) }
    let child = unsafe withCStrings([path] + arguments) { argv in
      // SAFETY: both vectors end with NULL and live for the call, which copies them into the child.
      unsafe withCStrings(environment ?? Environment.all) { envp in
        unsafe clinux_spawn(
          path, argv, envp, inherit, Int32(inherit.count), diesWithUs ? 1 : 0, ownSession ? 1 : 0,
          holdsSignals ? 1 : 0)
      }
    }
    pid = try checked(child, "start \(path)")
    self.loop = loop
    self.onExit = onExit
    do throws(SystemError) {
      descriptor = Descriptor(owning: try checked(clinux_pidfd(pid), "pidfd_open"))
    } catch {
      clinux_abandon(pid)
      throw error
    }
    let id = loop.add(self)
    do throws(SystemError) {
      try loop.watch(descriptor.number, for: .readable, by: id)
    } catch {
      loop.remove(id)
      clinux_abandon(pid)
      throw error
    }
    source = id
  }

  /// One that somebody else has started, or we ourselves before we became this program.
  package init(
    _ loop: EventLoop, adopting pid: Int32, onExit: @escaping (ProcessExit) -> Void
  ) throws(SystemError) {
    self.pid = pid
    self.loop = loop
    self.onExit = onExit
    descriptor = Descriptor(owning: try checked(clinux_pidfd(pid), "pidfd_open"))
    let id = loop.add(self)
    do throws(SystemError) {
      try loop.watch(descriptor.number, for: .readable, by: id)
    } catch {
      loop.remove(id)
      throw error
    }
    source = id
  }

  package func signal(_ number: Int32) {
    if exit == nil { _ = clinux_kill(descriptor.number, number) }
  }

  package func ready(_ key: UInt32, _ readiness: Readiness) {
    var signaled: Int32 = 0
    let result = unsafe clinux_reap(descriptor.number, &signaled)
    if result == -EAGAIN || exit != nil { return }
    // Not our child, or reaped by somebody else: its code is lost; over it is all the same.
    let how: ProcessExit = result < 0 ? .unknown : signaled != 0 ? .signal(result) : .code(result)
    exit = how
    loop.unwatch(descriptor.number)
    if let source { loop.remove(source) }
    onExit(how)
  }
}

/// Tells the end of a process that need not be our child.
package final class ProcessWatch: EventSource {
  /// False once it has ended, also while nobody has buried it yet.
  package static func isAlive(_ pid: Int32) -> Bool {
    let number = clinux_pidfd(pid)
    // What cannot be looked at is taken to be alive: the dead cannot be harmed by waiting.
    if number < 0 { return number != -ESRCH }
    let descriptor = Descriptor(owning: number)
    var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    // SAFETY: one entry, as is said.
    return unsafe poll(&entry, 1, 0) == 0
  }

  private let loop: EventLoop
  private let descriptor: Descriptor
  private var source: SourceID?
  private var onEnd: (() -> Void)?

  /// An error of `ESRCH` says that it has ended already.
  package init(_ loop: EventLoop, pid: Int32, onEnd: @escaping () -> Void) throws(SystemError) {
    self.loop = loop
    self.onEnd = onEnd
    descriptor = Descriptor(owning: try checked(clinux_pidfd(pid), "pidfd_open"))
    let id = loop.add(self)
    source = id
    try loop.watch(descriptor.number, for: .readable, by: id)
  }

  package func ready(_ key: UInt32, _ readiness: Readiness) {
    let tell = onEnd
    cancel()
    tell?()
  }

  package func cancel() {
    guard let source else { return }
    self.source = nil
    onEnd = nil
    loop.unwatch(descriptor.number)
    loop.remove(source)
  }
}

package enum Environment {
  /// `NAME=value` of this process.
  package static var all: [String] {
    var entries: [String] = []
    // SAFETY: `environ` ends with NULL, and nothing here changes it.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      unsafe entries.append(String(cString: text))
      unsafe entry = entry.advanced(by: 1)
    }
    return entries
  }

  package static var values: [String: String] {
    var values: [String: String] = [:]
    for entry in all {
      guard let equals = entry.firstIndex(of: "=") else { continue }
      values[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
    }
    return values
  }
}

func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  // SAFETY: each copy is freed after `body`, which must not keep it.
  var copies = unsafe strings.map { unsafe strdup($0) } + [nil]
  defer { unsafe copies.forEach { unsafe free($0) } }
  return unsafe body(&copies)
}
