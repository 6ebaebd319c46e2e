import EventLoop
import Glibc

/// The wsconsole that was installed beside this wsload.
enum ConsoleProgram {
  /// Throws when there is none.
  static func path() throws(SystemError) -> String {
    let name = "wsconsole"
    guard let own = ProcessFiles.program(of: Machine.pid), let slash = own.lastIndex(of: "/") else {
      throw SystemError("find \(name) beside wsload", ENOENT)
    }
    let path = own[...slash] + name
    // SAFETY: the string is a NUL-ended copy that lives for the call.
    if unsafe access(String(path), X_OK) != 0 { throw SystemError("find \(path)", errno) }
    return String(path)
  }
}

/// What the kernel tells of a process of this machine.
enum ProcessFiles {
  /// The file it runs; nil if it is none of ours to look at, or gone.
  static func program(of pid: Int32) -> String? {
    var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: the array's own memory and count; bytes and C's characters have the same size.
    let length = unsafe path.withUnsafeMutableBytes { memory in
      unsafe memory.withMemoryRebound(to: CChar.self) { room in
        unsafe room.baseAddress.map { unsafe readlink("/proc/\(pid)/exe", $0, room.count) } ?? -1
      }
    }
    return length > 0 ? String(decoding: path.prefix(length), as: UTF8.self) : nil
  }
}
