import CLinux
import Glibc

/// What this process may use and has used.
package enum Machine {
  /// The cores this process may run on.
  package static var cores: Int { max(1, Int(clinux_cores())) }

  /// Raises the limit of open descriptors as far as it goes and tells where it is then.
  package static func raiseDescriptorLimit() -> Int { max(256, Int(clinux_raise_descriptor_limit())) }

  /// What process lists call this process; cut to 15 bytes.
  package static func nameProcess(_ name: String) { _ = unsafe clinux_name_process(name) }

  package static var pid: Int32 { getpid() }
  package static var parent: Int32 { getppid() }
  package static var isRoot: Bool { geteuid() == 0 }

  /// CPU time of this process, user and system together.
  package static var cpuNanoseconds: UInt64 { clinux_process_cpu_ns() }

  /// Resident memory of this process in bytes.
  package static var residentBytes: Int {
    guard let text = try? SmallFile.read("/proc/self/statm"),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The path of the running program, for starting it again.
  package static var programPath: String { "/proc/self/exe" }

  /// The same program by the name it has on disk: after an upgrade that is the new one.
  package static var programOnDisk: String? {
    var name = [CChar](repeating: 0, count: 4096)
    // SAFETY: one byte less than the buffer holds.
    let length = unsafe readlink(programPath, &name, name.count - 1)
    guard length > 0 else { return nil }
    let path = String(decoding: name.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    // What the kernel adds when the file has been replaced.
    let mark = " (deleted)"
    return path.hasSuffix(mark) ? String(path.dropLast(mark.utf8.count)) : path
  }

  /// Becomes another program, in the same process. Comes back only when that cannot be.
  package static func become(_ path: String, _ arguments: [String]) -> SystemError {
    let code = unsafe withCStrings([path] + arguments) { argv in
      // SAFETY: both vectors end with NULL and live for the call.
      unsafe withCStrings(Environment.all) { envp in unsafe clinux_become(path, argv, envp) }
    }
    return SystemError("exec \(path)", -code)
  }

  /// Children of our children become ours when these end; somebody has to bury them.
  package static func adoptOrphans() { _ = clinux_adopt_orphans() }

  package static func children(of parent: Int32 = pid) -> [Int32] {
    let list = (try? SmallFile.read("/proc/\(parent)/task/\(parent)/children")) ?? ""
    return list.split(separator: " ").compactMap { Int32($0) }
  }

  /// Children that ended, but for one whose end somebody wants to hear of.
  package static func buryOrphans(but known: Int32) {
    for child in children() where child != known {
      _ = waitpid(child, nil, WNOHANG)
    }
  }

  package static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    // SAFETY: one byte less than the buffer holds, so the text ends in NUL.
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "host" }
    let length = name.firstIndex(of: 0) ?? 0
    return String(decoding: name.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  package static func isTerminal(_ fd: Int32) -> Bool { isatty(fd) == 1 }

  /// Random bytes from the kernel.
  package static func random() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
