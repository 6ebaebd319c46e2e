import Glibc

/// A blocking TCP connection with a bound on every wait.
final class Wire {
  private let number: Int32
  private(set) var buffer: [UInt8] = []
  private(set) var isAtEnd = false

  init(port: UInt16) throws {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    try Self.connect(number, to: address, "port \(port)")
  }

  init(path: String) throws {
    number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(room)) }
    try Self.connect(number, to: address, path)
  }

  private static func connect<Address>(_ number: Int32, to address: Address, _ name: String) throws {
    let result = withUnsafeBytes(of: address) {
      Glibc.connect(
        number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    // No close here: `deinit` does it, and a second one would hit whoever has the number by then.
    if result < 0 { throw Trouble("connect to \(name): errno \(errno)") }
  }

  deinit { Glibc.close(number) }

  /// Ours of the two ports.
  var localPort: UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutableBytes(of: &address) {
      getsockname(number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size)
    }
    return UInt16(bigEndian: address.sin_port)
  }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { throw Trouble("send: errno \(errno)") }
      sent += count
    }
  }

  /// Waits until `parse` finds what it looks for at the front and says how long that is.
  func take<Result>(
    within seconds: Double, _ reason: String, _ parse: ([UInt8]) throws -> (Result, Int)?
  ) throws -> Result {
    try take(before: Deadline(seconds: seconds, reason), parse)
  }

  func take<Result>(
    before deadline: Deadline, _ parse: ([UInt8]) throws -> (Result, Int)?
  ) throws -> Result {
    while true {
      if let (result, used) = try parse(buffer) {
        buffer.removeFirst(used)
        return result
      }
      if isAtEnd { throw Trouble("the connection ended: \(deadline.reason)") }
      var poller = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      let ready = poll(&poller, 1, deadline.milliseconds)
      if ready < 0 && errno == EINTR { continue }
      if ready <= 0 { throw deadline.trouble }
      fill()
    }
  }

  private func fill() {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(number, &chunk, chunk.count, 0)
    if count <= 0 { isAtEnd = true } else { buffer += chunk.prefix(count) }
  }
}
