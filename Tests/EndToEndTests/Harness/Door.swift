import Foundation
import Glibc
import Synchronization

/// What a load balancer is to clients: one port in front of several servers. Each connection goes to where the door
/// leads when it comes, and stays there.
final class Door {
  let port: UInt16
  private let passages: Passages

  init(to server: UInt16) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = Passages.loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 1024) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw Trouble("no port for a door: errno \(errno)") }
    port = UInt16(bigEndian: address.sin_port)
    let passages = Passages(listener, to: server)
    self.passages = passages
    Thread.detachNewThread { passages.serve() }
  }

  deinit { passages.end() }

  func lead(to server: UInt16) { passages.lead(to: server) }
}

/// The connections through a door, on a thread of their own.
private final class Passages: Sendable {
  private let target: Atomic<UInt16>
  private let isOver = Atomic(false)
  private let listener: Int32

  init(_ listener: Int32, to server: UInt16) {
    self.listener = listener
    target = Atomic(server)
  }

  func lead(to server: UInt16) { target.store(server, ordering: .relaxed) }
  func end() { isOver.store(true, ordering: .relaxed) }

  func serve() {
    var other: [Int32: Int32] = [:]
    var watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while !isOver.load(ordering: .relaxed) {
      if poll(&watched, nfds_t(watched.count), 50) <= 0 { continue }
      var hasChanged = false
      for entry in watched where entry.revents != 0 {
        if entry.fd == listener {
          hasChanged = admit(into: &other) || hasChanged
        } else if let end = other[entry.fd], !pass(from: entry.fd, to: end, &chunk) {
          for number in [entry.fd, end] {
            other[number] = nil
            close(number)
          }
          hasChanged = true
        }
      }
      if hasChanged {
        watched = ([listener] + other.keys).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      }
    }
    for number in other.keys { close(number) }
    close(listener)
  }

  private func admit(into other: inout [Int32: Int32]) -> Bool {
    let client = accept(listener, nil, nil)
    if client < 0 { return false }
    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = Self.loopback(port: target.load(ordering: .relaxed))
    let isThere = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isThere else {
      close(client)
      close(server)
      return false
    }
    other[client] = server
    other[server] = client
    return true
  }

  /// False when one side is gone, which is the end of both.
  private func pass(from: Int32, to: Int32, _ chunk: inout [UInt8]) -> Bool {
    let count = recv(from, &chunk, chunk.count, 0)
    return count > 0 && send(to, chunk, count, Int32(MSG_NOSIGNAL)) == count
  }

  static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }
}
