import Glibc
import Testing

extension EndToEnd {
  /// What systemd is told of a server that it has started with `Type=notify`.
  @Suite(.serialized) struct ServiceManagerTests {
    @Test("systemd hears when it serves, and how a drain goes", arguments: ["", "@"])
    func ready(_ mark: String) throws {
      let sandbox = try Sandbox()
      let place = "\(mark)\(sandbox.path)/notify"
      let ear = try NotifySocket(at: place)
      let server = try Server(workers: 1, sandbox: sandbox, environment: ["NOTIFY_SOCKET": place])
      #expect(try ear.heard() == "READY=1\nSTATUS=serving")
      let client = try server.client()
      server.program.signal(SIGTERM)
      #expect(try ear.heard() == "STATUS=announced, 1 socket")
      #expect(try ear.heard() == "STATUS=waiting, 1 socket")
      try client.close()
      let last = try ear.heard()
      #expect(last == "STATUS=stopped, 0 sockets")
      #expect(try server.program.exitCode(within: 5, "the drain") == 0)
    }

    @Test(
      "a server that nobody listens to serves all the same", arguments: ["/nonexistent/notify", "relative"])
    func nobody(_ place: String) throws {
      let server = try Server(workers: 1, environment: ["NOTIFY_SOCKET": place])
      #expect(try server.http("GET", "/readyz").status == 200)
    }
  }
}

/// Where a program tells what it does, one packet a word.
private final class NotifySocket {
  private let number: Int32

  init(at place: String) throws {
    number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      room.copyBytes(from: place.utf8.prefix(room.count - 1))
      if place.hasPrefix("@") { room[0] = 0 }
    }
    let length = MemoryLayout<sa_family_t>.size + place.utf8.count
    let result = withUnsafeBytes(of: address) {
      bind(number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(length))
    }
    if result < 0 { throw Trouble("bind \(place): errno \(errno)") }
  }

  deinit { close(number) }

  func heard() throws -> String {
    var wait = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, 10_000) == 1 else { throw Trouble("nothing was told within 10 s") }
    var packet = [UInt8](repeating: 0, count: 4096)
    let count = recv(number, &packet, packet.count, 0)
    return String(decoding: packet.prefix(max(count, 0)), as: UTF8.self)
  }
}
