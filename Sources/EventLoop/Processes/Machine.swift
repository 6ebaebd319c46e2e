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
