import Foundation
import Glibc

/// The `openssl` program as a peer, over a Unix socket: a TLS end that shares none of our code above the library.
final class OpenSSLProgram {
  enum Failure: Error { case socket(String), gone }

  private let process = Process()
  private let input = Pipe()
  // Held for as long as the program may write to it.
  private let output = Pipe()
  private var stream: CInt = -1

  /// `openssl s_client`, which has called us.
  init(callingIn directory: String, _ arguments: [String]) throws {
    let path = "\(directory)/tls.sock"
    let listener = try Self.socket()
    defer { _ = Glibc.close(listener) }
    guard try unsafe Self.address(path, { unsafe bind(listener, $0, $1) }) == 0, listen(listener, 1) == 0
    else {
      throw Failure.socket("bind")
    }
    try Self.limitWaiting(listener)
    try run(["s_client", "-unix", path, "-quiet", "-no_ign_eof"] + arguments, isHeard: false)
    stream = accept(listener, nil, nil)
    if stream < 0 { throw Failure.socket("accept") }
    try Self.limitWaiting(stream)
  }

  /// `openssl s_server`, which we have called. It answers each line with the same backwards.
  init(servingIn directory: String, _ arguments: [String]) throws {
    let path = "\(directory)/tls.sock"
    // From inside its directory: it gives up on a socket whose path is longer than 31 bytes.
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    try run(["s_server", "-unix", "tls.sock", "-rev", "-naccept", "1"] + arguments, isHeard: true)
    // It says ACCEPT once it listens.
    var said = ""
    while !said.contains("ACCEPT") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { throw Failure.gone }
      said += String(decoding: more, as: UTF8.self)
    }
    stream = try Self.socket()
    let descriptor = stream
    guard try unsafe Self.address(path, { unsafe connect(descriptor, $0, $1) }) == 0 else {
      throw Failure.socket("connect: \(errno)")
    }
    try Self.limitWaiting(stream)
  }

  deinit {
    if stream >= 0 { _ = Glibc.close(stream) }
    // It has the signal mask of the thread that started it, which may hold SIGTERM back for ever.
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  /// Types a line at it.
  func say(_ line: String) { input.fileHandleForWriting.write(Data("\(line)\n".utf8)) }

  /// Carries the wire both ways until `isDone`, the peer's end, or forty seconds of silence.
  func talk(with end: inout Pair.End, until isDone: (Pair.End) -> Bool) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let words = end.take()
      if !words.isEmpty, unsafe send(stream, words, words.count, CInt(MSG_NOSIGNAL)) != words.count { return }
      if isDone(end) || end.error != nil { return }
      // SAFETY: the array's own bytes and count, alive for the call.
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(stream, $0.baseAddress, $0.count, 0) }
      if count <= 0 { return }
      end.receive(Array(buffer[..<count]))
    }
  }

  private func run(_ arguments: [String], isHeard: Bool) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = isHeard ? output as Any : FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  private static func socket() throws -> CInt {
    let descriptor = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    if descriptor < 0 { throw Failure.socket("socket") }
    return descriptor
  }

  private static func limitWaiting(_ descriptor: CInt) throws {
    var limit = timeval(tv_sec: 40, tv_usec: 0)
    // SAFETY: the option's own bytes and size.
    let status = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if status != 0 { throw Failure.socket("setsockopt") }
  }

  private static func address(
    _ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) throws -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      // One zero stays behind the path.
      guard path.utf8.count < room.count else { return false }
      unsafe room.copyBytes(from: path.utf8)
      return true
    }
    guard fits else { throw Failure.socket(path) }
    // SAFETY: a sockaddr_un is handed on as the sockaddr it begins with, with its own size.
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe use($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
