import Glibc

/// A directory of its own for one test, gone with it.
final class Sandbox {
  let path: String

  init() throws {
    var template = Array("/tmp/sluice-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Trouble("mkdtemp failed: \(errno)") }
    path = String(cString: made)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let child = "\(path)/\(name)"
        // Not every file system tells the kind of an entry.
        if unlink(child) != 0 { remove(child) }
      }
      closedir(directory)
    }
    rmdir(path)
  }
}

struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A bound on a wait, with the reason it has one.
///
/// Tests name the seconds that a machine at rest needs at most; a busy or a slow one has more. Nobody waits longer for
/// it, unless what is waited for does not come at all.
struct Deadline {
  private let end: Double
  let reason: String

  private static let leniency = 4.0

  init(seconds: Double, _ reason: String) {
    end = Self.now + seconds * Self.leniency
    self.reason = reason
  }

  private init(exactly seconds: Double, _ reason: String) {
    end = Self.now + seconds
    self.reason = reason
  }

  /// For those who look whether something is there, and do not expect it.
  static func look(seconds: Double, _ reason: String) -> Deadline { Deadline(exactly: seconds, reason) }

  /// Whether no more than that has gone by, on a machine at rest.
  static func isWithin(_ seconds: Double, since start: Double) -> Bool { now - start < seconds * leniency }

  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  var milliseconds: Int32 { Int32(max(0, (end - Self.now) * 1000)) }
  var isOver: Bool { Self.now >= end }
  var trouble: Trouble { Trouble("waited in vain: \(reason)") }

  /// Asks again and again, with a short rest in between, until `condition` holds.
  static func until(_ seconds: Double, _ reason: String, _ condition: () throws -> Bool) throws {
    let deadline = Deadline(seconds: seconds, reason)
    while try !condition() {
      if deadline.isOver { throw deadline.trouble }
      poll(nil, 0, 5)
    }
  }
}
