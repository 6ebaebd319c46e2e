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
        if entry.pointee.d_type == UInt8(DT_DIR) { remove(child) } else { unlink(child) }
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
struct Deadline {
  private let end: Double
  let reason: String

  init(seconds: Double, _ reason: String) {
    end = Self.now + seconds
    self.reason = reason
  }

  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  var milliseconds: Int32 { Int32(max(0, (end - Self.now) * 1000)) }
  var isOver: Bool { Self.now >= end }

  /// Asks again and again, with a short rest in between, until `condition` holds.
  static func until(_ seconds: Double, _ reason: String, _ condition: () throws -> Bool) throws {
    let deadline = Deadline(seconds: seconds, reason)
    while try !condition() {
      if deadline.isOver { throw Trouble("waited \(seconds) s in vain: \(reason)") }
      poll(nil, 0, 5)
    }
  }
}
