import EventLoop
import Glibc

enum Output {
  static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // SAFETY: the slice's own memory and count, alive for the call.
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  /// `-` is standard output.
  static func write(_ text: String, toFile path: String) throws(SystemError) {
    if path == "-" { return write(text, to: 1) }
    try SmallFile.replace(path, with: text, mode: 0o644)
  }
}
