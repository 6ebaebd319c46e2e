import EventLoop
import Glibc

enum Output {
  /// What is said to people: who has gone does not want it.
  static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // SAFETY: the slice's own memory and count, alive for the call.
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  /// A result, which arrives or is an error. `-` is standard output.
  static func write(_ text: String, toFile path: String) throws(SystemError) {
    if path == "-" { return try SmallFile.write(Array(text.utf8), to: 1, named: "standard output") }
    try SmallFile.put(text, at: path)
  }
}
