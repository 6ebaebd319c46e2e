import Bytes
import Glibc

/// Small files, read and written whole. It blocks, so the loop uses it only at start and stop.
package enum SmallFile {
  package static func read(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> String {
    let bytes = try readBytes(path, limit: limit)
    return String(decoding: bytes, as: UTF8.self)
  }

  package static func readBytes(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if fd < 0 { throw SystemError("open \(path)", errno) }
    let file = Descriptor(owning: fd)
    var bytes = ByteBuffer()
    while bytes.count < limit {
      var result = 0
      bytes.append(upTo: min(64 << 10, limit - bytes.count)) { spare in
        // SAFETY: the span is writable memory of exactly this size.
        result = unsafe spare.withUnsafeMutableBytes {
          unsafe Glibc.read(file.number, $0.baseAddress, $0.count)
        }
        return max(0, result)
      }
      if result < 0 { throw SystemError("read \(path)", errno) }
      if result == 0 { break }
    }
    return bytes.bytes.copied()
  }

  /// Readers see the old file or the new one, never half of it.
  package static func replace(_ path: String, with text: String, mode: UInt32 = 0o600) throws(SystemError) {
    try replace(path, with: Array(text.utf8), mode: mode)
  }

  package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(SystemError) {
    let draft = "\(path).\(getpid())"
    let fd = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    if fd < 0 { throw SystemError("write \(path)", errno) }
    let file = Descriptor(owning: fd)
    do throws(SystemError) { try write(bytes, to: file.number, named: path) } catch {
      _ = unsafe unlink(draft)
      throw error
    }
    if unsafe rename(draft, path) < 0 {
      let code = errno
      _ = unsafe unlink(draft)
      throw SystemError("rename \(path)", code)
    }
  }

  /// For places people name: a device, a pipe or a link stays what it is and is written to, a file is replaced.
  package static func put(_ text: String, at path: String, mode: UInt32 = 0o644) throws(SystemError) {
    guard let kind = kind(of: path), kind != S_IFREG else { return try replace(path, with: text, mode: mode) }
    let fd = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, mode)
    if fd < 0 { throw SystemError("write \(path)", errno) }
    let file = Descriptor(owning: fd)
    try write(Array(text.utf8), to: file.number, named: path)
  }

  /// Whether `put` could do it now: better to know before the work than after it.
  package static func checkPlace(_ path: String) throws(SystemError) {
    if let kind = kind(of: path), kind != S_IFREG {
      if kind == S_IFDIR { throw SystemError("write \(path)", EISDIR) }
      if unsafe kind != S_IFLNK && access(path, W_OK) < 0 { throw SystemError("write \(path)", errno) }
      return
    }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
    if unsafe access(String(folder), W_OK | X_OK) < 0 { throw SystemError("write \(path)", errno) }
  }

  /// All of it, or an error.
  package static func write(_ bytes: [UInt8], to descriptor: Int32, named name: String) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      // SAFETY: the slice's own count is passed along.
      let count = unsafe bytes[written...].withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw SystemError("write \(name)", errno) }
      written += count
    }
  }

  /// Of the name itself, where it is a link; nil where nothing is.
  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return unsafe lstat(path, &status) < 0 ? nil : status.st_mode & S_IFMT
  }

  package static func remove(_ path: String) { _ = unsafe unlink(path) }

  package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Something has that name, be it a link that leads nowhere.
  package static func isNamed(_ path: String) -> Bool { kind(of: path) != nil }

  package static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// Makes the directory and those above it, for the owner only.
  package static func makeDirectory(_ path: String) throws(SystemError) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if unsafe mkdir(made, 0o700) < 0, errno != EEXIST { throw SystemError("mkdir \(made)", errno) }
    }
  }

  /// The names in a directory, in no order.
  package static func names(in directory: String) throws(SystemError) -> [String] {
    guard let stream = unsafe opendir(directory) else { throw SystemError("open \(directory)", errno) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      // SAFETY: the entry lives until the next call; its name ends in NUL within its own array.
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// What a symbolic link says; nil for what is none, or not ours to see.
  package static func target(of path: String) -> String? {
    var text = [CChar](repeating: 0, count: 4096)
    // SAFETY: the buffer's true size is passed along.
    let length = unsafe readlink(path, &text, text.count)
    if length < 0 { return nil }
    return String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The program of that name on PATH.
  package static func findProgram(_ name: String) -> String? {
    if name.contains("/") { return isExecutable(name) ? name : nil }
    let path = Environment.values["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { isExecutable($0) }
  }
}
