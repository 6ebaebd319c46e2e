import Glibc
import Testing

extension EndToEnd {
  /// Those who want to harm: each limit holds, and whoever behaves does not notice.
  @Suite(.serialized) struct HostileTests {
    @Test(
      "a thousand headers at a byte a second: cut after ten seconds, and a healthy client as quick as before")
    func slowHeaders() throws {
      raiseDescriptorLimit()
      let server = try Server()
      let healthy = try server.client("/ws?mode=mirror&notify=0")
      let before = try slowest(healthy)
      let drips = try (0..<1000).map { _ in try Wire(port: server.port) }
      let began = Deadline.now
      let head = Array("GET / HTTP/1.1\r\nX: yyyyyyyyyyyyyyyyyyyyyyy".utf8)
      for byte in head.prefix(9) {
        for drip in drips { try? drip.send([byte]) }
        #expect(try slowest(healthy) < max(longestPause, before * 5))
        let next = began + 1 * Double(Int(Deadline.now - began) + 1)
        poll(nil, 0, Int32(max(0, (next - Deadline.now) * 1000)))
      }
      // Ten seconds after the first byte none of them is waited for any more.
      for drip in drips {
        let reply = try Reply.read(from: drip, "the end of patience")
        #expect(reply.status == 408)
      }
      #expect(Deadline.isWithin(15, since: began))
      #expect(try slowest(healthy) < longestPause)
      try server.count(becomes: 1)
    }

    @Test(
      "a head too long, or with too many fields, is told 431; a body too long 413; nonsense 400",
      arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 9000) + "\r\n\r\n", 431),
        ("GET /" + String(repeating: "y", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (
          "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 100) + "\r\n", 431
        ),
        ("POST /broadcast HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", 413),
        ("POST /broadcast HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
      ])
    func floods(_ request: String, _ status: Int) throws {
      let server = try Server(workers: 1)
      let wire = try Wire(port: server.port)
      try? wire.send(Array(request.utf8))
      let reply = try Reply.read(from: wire, "the refusal")
      // 414 is the other right word for a long target.
      #expect(
        reply.status == status || (status == 431 && reply.status == 414)
          || (status == 400 && reply.status == 413))
      #expect(try server.http("GET", "/healthz").status == 200)
    }

    @Test(
      "HEAD has no body in its answer, however it is refused",
      arguments: [
        ("HEAD / HTTP/1.1\r\n\r\n", 400), ("HEAD /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("HEAD /" + String(repeating: "y", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        ("HEAD /\(String(repeating: "z", count: 99)) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        ("HEAD /broadcast HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        ("HEAD /ws HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 426),
        ("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", 413),
        // The last waits for the end of the server's patience.
        ("HEAD / HTTP/1.1\r\nHost: a\r\n", 408),
      ])
    func head(_ request: String, _ status: Int) throws {
      let server = try Server(workers: 1)
      let wire = try Wire(port: server.port)
      try? wire.send(Array(request.utf8))
      // All there is until the connection ends.
      let answer = try? wire.take(within: 15, "the end") { _ in nil as (String, Int)? }
      #expect(answer == nil && wire.isAtEnd)
      let text = String(decoding: wire.buffer, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
      #expect(text.hasSuffix("\r\n\r\n") && text.split(separator: "\r\n\r\n").count == 1, "\(text)")
    }

    @Test("a body in endless chunks ends at the limit")
    func endlessChunks() throws {
      let server = try Server(workers: 1)
      let wire = try Wire(port: server.port)
      try wire.send(Array("POST /broadcast HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
      let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 120, count: 65_536) + Array("\r\n".utf8)
      for _ in 0..<40 { if (try? wire.send(chunk)) == nil { break } }
      #expect(try Reply.read(from: wire, "the refusal").status == 413)
    }

    @Test("floods of pings, of empty fragments and of single bytes: bounded memory, and others go on")
    func frameFloods() throws {
      let server = try Server(workers: 1)
      let healthy = try server.client("/ws?mode=mirror&notify=0")
      let worker = try #require(server.workers.first)
      let before = try resident(worker)
      let pinger = try server.client("/ws?notify=0")
      let fragmenter = try server.client("/ws?notify=0")
      try fragmenter.send(frames: frame(0x01, [120]))
      let pings = (0..<2000).flatMap { _ in frame(0x89, [1, 2, 3]) }
      let fragments = (0..<2000).flatMap { _ in frame(0x00, []) }
      let bytes = (0..<2000).flatMap { _ in frame(0x00, [120]) }
      for _ in 0..<20 {
        try? pinger.send(frames: pings)
        for _ in 0..<2000 { _ = try pinger.frame() }
        try fragmenter.send(frames: fragments)
        try fragmenter.send(frames: bytes)
        #expect(try slowest(healthy) < longestPause)
      }
      try fragmenter.send(frames: frame(0x80, []))
      let text = try fragmenter.text()
      #expect(text.utf8.count == "echo: ".utf8.count + 40_001)
      #expect(try resident(worker) - before < 32 << 20)
    }

    @Test("a pinger that never reads its pongs is not read either, and memory stays bounded")
    func deafPinger() throws {
      let server = try Server(["--slow-reader-age", "2s"], workers: 1)
      let healthy = try server.client("/ws?mode=mirror&notify=0")
      let worker = try #require(server.workers.first)
      let before = try resident(worker)
      let deaf = try Nonblocking(port: server.port)
      let pings = (0..<1000).flatMap { _ in frame(0x89, [UInt8](repeating: 7, count: 125)) }
      let deadline = Deadline(seconds: 6, "the flood")
      var isGone = false
      while !deadline.isOver, !isGone {
        isGone = !deaf.push(pings)
        #expect(try slowest(healthy) < longestPause)
      }
      #expect(isGone)
      #expect(
        try server.http("GET", "/metrics").body.contains(
          "\nwebsocket_errors_total{error_type=\"slow_consumer\"} 1\n"))
      #expect(try resident(worker) - before < 32 << 20)
    }

    /// Somebody whose turn comes waits so long at most, on a busy machine too; whoever is held up waits for ever.
    private let longestPause = 1.0

    /// The longest of ten round trips.
    private func slowest(_ client: WebClient) throws -> Double {
      var longest = 0.0
      for number in 0..<10 {
        let start = Deadline.now
        try client.send("\(number)")
        #expect(try client.text() == "\(number)")
        longest = max(longest, Deadline.now - start)
      }
      return longest
    }

    private func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
      [first, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
    }

    private func resident(_ pid: pid_t) throws -> Int {
      let words = try String(contentsOfFile: "/proc/\(pid)/statm").split(separator: " ")
      // What is ours alone: the shared pages are counted as shared, but grow with use.
      return (Int(words[1]) ?? 0) * 4096
    }

    private func raiseDescriptorLimit() {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = limit.rlim_max
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
  }
}

/// A WebSocket that sends as much as the kernel takes and reads nothing.
private final class Nonblocking {
  private let number: Int32
  private var unsent: ArraySlice<UInt8> = []

  init(port: UInt16) throws {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isThere = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isThere else { throw Trouble("connect: errno \(errno)") }
    _ = push(EndToEnd.LimitTests.handshake)
  }

  deinit { close(number) }

  /// Goes on where the kernel took no more the last time. False when the connection is gone.
  func push(_ more: [UInt8]) -> Bool {
    if unsent.isEmpty { unsent = more[...] }
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let count = unsent.withUnsafeBytes { send(number, $0.baseAddress, $0.count, flags) }
    if count > 0 { unsent = unsent.dropFirst(count) }
    return count >= 0 || errno == EAGAIN
  }
}
