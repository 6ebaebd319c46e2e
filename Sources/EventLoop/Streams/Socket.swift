import CLinux
import Glibc

/// The system calls on a socket, with "not now" as a value and the rest as errors.
package enum Socket {
  package static func listen(
    on address: SocketAddress, backlog: Int32 = 4096, shared: Bool = false
  ) throws(SystemError) -> Descriptor {
    switch address {
    case .tcp(let host, let port):
      let fd = unsafe clinux_listen_tcp(host, port, backlog, shared ? 1 : 0)
      return Descriptor(owning: try checked(fd, "listen \(address)"))
    case .unix(let path):
      let fd = unsafe clinux_listen_unix(path, backlog)
      return Descriptor(owning: try checked(fd, "listen \(path)"))
    }
  }

  /// Starts connecting; the socket becomes writable once it is known how that went.
  package static func connect(
    to address: SocketAddress, from source: String? = nil
  ) throws(SystemError) -> Descriptor {
    let fd =
      switch address {
      case .tcp(let host, let port):
        if let source {
          unsafe clinux_connect_tcp(host, port, source)
        } else {
          unsafe clinux_connect_tcp(host, port, nil)
        }
      case .unix(let path): unsafe clinux_connect_unix(path)
      }
    return Descriptor(owning: try checked(fd, "connect \(address)"))
  }

  package static func localPort(of fd: Int32) -> UInt16? {
    let port = clinux_local_port(fd)
    return port > 0 ? UInt16(port) : nil
  }

  package static func peerName(of fd: Int32) -> String {
    var text = [CChar](repeating: 0, count: 64)
    // SAFETY: the buffer's true size is passed along.
    let length = unsafe clinux_peer_name(fd, &text, text.count)
    if length <= 0 { return "?" }
    return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// 4 or 6, the address as a number of 32 bits (in `low`) or of 128, and the port; nil for a peer without any.
  package static func peerAddress(
    of fd: Int32
  ) -> (version: UInt8, high: UInt64, low: UInt64, port: UInt16)? {
    var peer = clinux_address(high: 0, low: 0, port: 0, version: 0)
    // SAFETY: a local that outlives the call.
    guard unsafe clinux_peer_address(fd, &peer) == 0 else { return nil }
    return (peer.version, peer.high, peer.low, peer.port)
  }

  /// How much the kernel may hold of what has come in and was not read; beyond it the sender has to wait.
  package static func limitUnread(of fd: Int32, to bytes: Int32) { _ = clinux_set_receive_room(fd, bytes) }

  /// 0 when all is well.
  package static func pendingError(of fd: Int32) -> Int32 { clinux_pending_error(fd) }

  /// Whether the descriptor is a socket that still has a peer, or had one that said goodbye.
  package static func isOpen(_ fd: Int32) -> Bool { pendingError(of: fd) != EBADF }

  package static func resetOnClose(_ fd: Int32) { _ = clinux_set_reset_on_close(fd) }

  package static func shutdownBoth(_ fd: Int32) { _ = clinux_shutdown_both(fd) }

  /// How far the kernel has come with a TCP stream: what was read from it, and what it was given to send. Nil for
  /// any other socket.
  static func positions(of fd: Int32) -> (taken: UInt64, given: UInt64)? {
    var positions = clinux_positions(taken: 0, given: 0)
    return unsafe clinux_tcp_positions(fd, &positions) == 0 ? (positions.taken, positions.given) : nil
  }

  package static func shutdownWrite(_ fd: Int32) { _ = clinux_shutdown_write(fd) }

  /// Sends what the kernel takes now: a count, 0 for "not now", or `-errno` when the connection is broken. That
  /// is told only once: who reads afterwards finds nothing but the end.
  @inline(__always)
  package static func send(_ bytes: Span<UInt8>, to fd: Int32) -> Int {
    // SAFETY: the span keeps its bytes alive for the call.
    let sent = unsafe bytes.withUnsafeBytes { unsafe clinux_send(fd, $0.baseAddress, $0.count) }
    return isNotNow(sent) ? 0 : sent
  }

  static func send(_ first: Span<UInt8>, _ second: Span<UInt8>, to fd: Int32) -> Int {
    // SAFETY: as above.
    let sent = unsafe first.withUnsafeBytes { head in
      unsafe second.withUnsafeBytes { tail in
        unsafe clinux_send_two(fd, head.baseAddress, head.count, tail.baseAddress, tail.count)
      }
    }
    return isNotNow(sent) ? 0 : sent
  }

  package enum Received: Equatable {
    case bytes(Int)
    case notNow
    case end(StreamEnd)
  }

  @inline(__always)
  package static func receive(into bytes: inout MutableSpan<UInt8>, from fd: Int32) -> Received {
    // SAFETY: the span is writable memory of exactly this size for the call.
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe clinux_receive(fd, $0.baseAddress, $0.count) }
    if count > 0 { return .bytes(count) }
    if count == 0 { return .end(.eof) }
    return isNotNow(count) ? .notNow : .end(StreamEnd(errno: Int32(-count)))
  }

  private static func isNotNow(_ result: Int) -> Bool { result == -Int(EAGAIN) }
}

/// Why a stream is over.
public enum StreamEnd: Equatable, Sendable {
  /// The peer closed its side.
  case eof
  /// The connection was torn down (RST).
  case reset
  case refused
  case timeout
  /// We closed it.
  case closed
  /// More was to be kept for the peer than its bound allows.
  case overflow
  case failed(Int32)

  init(errno code: Int32) {
    switch code {
    case ECONNRESET, EPIPE: self = .reset
    case ECONNREFUSED, ENOENT: self = .refused
    case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH: self = .timeout
    default: self = .failed(code)
    }
  }
}
