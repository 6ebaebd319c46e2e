import EventLoop
import Glibc

/// The sockets clients connect to, opened once by the supervisor and held open for ever: one per worker slot
/// and address, so that the kernel spreads connections and a worker's end refuses nobody.
final class Listeners {
  /// As asked for, with the port the kernel chose where that was 0.
  private(set) var addresses: [SocketAddress] = []
  /// Where gates bring their clients to the workers; the last of each slot's sockets.
  private(set) var inner: SocketAddress?
  private var sockets: [[Int32]]

  /// `numbers[slot]` are the sockets of that slot, in the order of `addresses`.
  var numbers: [[Int32]] { sockets }

  /// How many sockets each slot has.
  var count: Int { addresses.count + (inner == nil ? 0 : 1) }

  init(slots: Int) {
    sockets = Array(repeating: [], count: slots)
  }

  /// Those that workers have held open: `count` addresses for each slot, the first of them as `asked`.
  init(adopting numbers: [Int32], slots: Int, count: Int, asked: [SocketAddress], innerPort: UInt16? = nil) {
    sockets = (0..<slots).map { slot in Array(numbers.dropFirst(slot * count).prefix(count)) }
    inner = innerPort.map { .tcp(host: "127.0.0.1", port: $0) }
    for (index, address) in asked.prefix(count - (inner == nil ? 0 : 1)).enumerated() {
      if case .tcp(let host, 0) = address, let number = sockets.first?.dropFirst(index).first,
        let port = Socket.localPort(of: number)
      {
        addresses.append(.tcp(host: host, port: port))
      } else {
        addresses.append(address)
      }
    }
  }

  deinit {
    for slot in sockets { for number in slot { _ = Glibc.close(number) } }
  }

  func open(_ address: SocketAddress) throws(StartError) { addresses.append(try opened(address)) }

  /// Nobody is told of it but the gates.
  func openInner() throws(StartError) -> UInt16? {
    let address = try opened(.tcp(host: "127.0.0.1", port: 0))
    inner = address
    if case .tcp(_, let port) = address { return port }
    return nil
  }

  private func opened(_ address: SocketAddress) throws(StartError) -> SocketAddress {
    do throws(SystemError) {
      try refuseTaken(address)
      var address = address
      for slot in sockets.indices {
        let number = try Socket.listen(on: address, shared: true).release()
        sockets[slot].append(number)
        if case .tcp(let host, 0) = address, let port = Socket.localPort(of: number) {
          address = .tcp(host: host, port: port)
        }
      }
      return address
    } catch {
      throw Self.explain(error, address)
    }
  }

  /// A shared port would quietly be split with a stranger of the same user who shares it too. So the first
  /// bind is an unshared one.
  private func refuseTaken(_ address: SocketAddress) throws(SystemError) {
    if case .tcp(_, 0) = address { return }
    _ = try Socket.listen(on: address)
  }

  /// Anyone beyond this machine can connect.
  var isPublic: Bool { addresses.contains { !$0.isLoopback } }

  var firstPort: UInt16? {
    if case .tcp(_, let port)? = addresses.first { return port }
    return nil
  }

  private static func explain(_ error: SystemError, _ address: SocketAddress) -> StartError {
    guard case .tcp(let host, let port) = address else {
      return .unreachable("cannot listen on \(address): \(SystemError.text(of: error.code))")
    }
    return switch error.code {
    case EADDRINUSE:
      .unreachable(
        "port \(port) on \(host) is taken: stop who uses it, or try --listen \(host):\(port &+ 1)")
    case EACCES:
      .unreachable("port \(port) needs privileges: try --listen \(host):8000")
    case EADDRNOTAVAIL:
      .unreachable("\(host) is no address of this machine: try --listen 127.0.0.1:\(port)")
    case EINVAL:
      .usage("\(host) is no numeric address: try --listen 127.0.0.1:\(port)")
    default:
      .unreachable("cannot listen on \(address): \(SystemError.text(of: error.code))")
    }
  }
}
