import EventLoop
import FleetState
import Glibc

/// Whether the addresses can be listened on, and who has those that cannot.
enum PortCheck {
  static func findings(_ settings: ServerSettings) -> [Finding] {
    (settings.listen + settings.secureListen + (settings.metricsListen.map { [$0] } ?? [])).map(finding)
  }

  private static func finding(_ address: SocketAddress) -> Finding {
    do throws(SystemError) {
      _ = try Socket.listen(on: address)
      return .ok("port", "\(address) is free")
    } catch {
      guard error.code == EADDRINUSE, case .tcp(_, let port) = address else {
        return .fail(
          "port", "\(address): \(SystemError.text(of: error.code))", "choose another with --listen")
      }
      return taken(address, by: PortOwner.find(port))
    }
  }

  static func taken(_ address: SocketAddress, by owner: PortOwner?) -> Finding {
    guard let owner else {
      return .fail(
        "port", "\(address) is taken, by whom only root can see",
        "stop that one, or choose another with --listen")
    }
    let text = "\(address) is taken by \(owner.name) (pid \(owner.pid))"
    // Looking at a server that runs is what a doctor is called for, too.
    return owner.name.hasPrefix("wsserver")
      ? .warn("port", text, "a server runs there already")
      : .fail("port", text, "stop it, or choose another with --listen")
  }
}

/// The process that listens on a port.
struct PortOwner: Equatable {
  let pid: Int32
  let name: String

  /// Nil: nobody, or somebody whose descriptors are not ours to see.
  static func find(_ port: UInt16) -> PortOwner? {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map { (try? SmallFile.read($0, limit: 16 << 20)) ?? "" }
    let sockets = Set(tables.flatMap { inodes(in: $0, port: port) }.map { "socket:[\($0)]" })
    if sockets.isEmpty { return nil }
    let pids = ((try? SmallFile.names(in: "/proc")) ?? []).compactMap { Int32($0) }.sorted()
    for pid in pids where holds(pid, sockets) {
      let name = ((try? SmallFile.read("/proc/\(pid)/comm")) ?? "").split(separator: "\n").first
      return PortOwner(pid: pid, name: name.map(String.init) ?? "?")
    }
    return nil
  }

  /// The listening sockets of that port in a table of the kernel: state 0A, the inode in the tenth column.
  static func inodes(in table: String, port: UInt16) -> [Substring] {
    table.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      guard words.count > 9, words[3] == "0A", let digits = words[1].split(separator: ":").last,
        UInt16(digits, radix: 16) == port
      else { return nil }
      return words[9]
    }
  }

  private static func holds(_ pid: Int32, _ sockets: Set<String>) -> Bool {
    let directory = "/proc/\(pid)/fd"
    let names = (try? SmallFile.names(in: directory)) ?? []
    return names.contains { name in
      SmallFile.target(of: "\(directory)/\(name)").map { sockets.contains($0) } ?? false
    }
  }
}
