import EventLoop
import Glibc

extension Listeners {
  /// Connections the kernel has made and no worker has taken yet, on the fullest socket.
  var acceptQueue: Int {
    numbers.reduce(0) { most, slot in slot.reduce(most) { max($0, Self.waiting(on: $1)) } }
  }

  /// Of a listening socket the kernel tells the length of its queue as what is "unacked".
  private static func waiting(on socket: Int32) -> Int {
    var info = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    // SAFETY: both pointers are to locals that outlive the call, and `size` says how much may be written.
    let result = unsafe getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &info, &size)
    // A Unix socket has no such figure.
    return result == 0 ? Int(info.tcpi_unacked) : 0
  }
}

extension Listeners {
  /// Connections to our ports that some process holds, by the kernel's own count.
  var established: Int? {
    let ports = (addresses + [inner].compactMap { $0 }).compactMap { address -> UInt16? in
      if case .tcp(_, let port) = address { return port }
      return nil
    }
    return Connections.held(onPorts: Set(ports))
  }
}
