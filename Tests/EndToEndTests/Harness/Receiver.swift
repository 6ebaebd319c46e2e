import Foundation
import Glibc

/// Where webhooks of a test arrive: an HTTP server that notes what it got and answers what the path says.
///
/// `/503x2/…` answers 503 twice for each key, then 200; `/500`, `/302` always that; `/slow` after a second,
/// `/stuck` after three.
final class Receiver {
  struct Letter: Equatable {
    let path: String
    let key: String
    let body: String
  }

  let port: UInt16
  private let desk = Desk()

  init() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw Trouble("no port for a receiver: errno \(errno)") }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [desk] in desk.serve(listener) }
  }

  deinit { desk.end() }

  var letters: [Letter] { desk.letters }

  private final class Desk: @unchecked Sendable {
    private let lock = NSLock()
    private var taken: [Letter] = []
    private var isOver = false

    var letters: [Letter] { lock.withLock { taken } }

    func end() { lock.withLock { isOver = true } }

    func serve(_ listener: Int32) {
      defer { close(listener) }
      while !lock.withLock({ isOver }) {
        var poller = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, 50) > 0 else { continue }
        let client = accept(listener, nil, nil)
        if client < 0 { continue }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        Thread.detachNewThread { self.answer(client) }
      }
    }

    private func answer(_ client: Int32) {
      defer { close(client) }
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while true {
        if let letter = Self.letter(bytes) {
          let count = lock.withLock {
            taken.append(letter)
            return taken.count { $0.key == letter.key && $0.path == letter.path }
          }
          let word = letter.path.split(separator: "/").first.map(String.init) ?? ""
          poll(nil, 0, ["slow": 1000, "stuck": 3000][word] ?? 0)
          let parts = word.split(separator: "x")
          var status = parts.first.flatMap { Int($0) } ?? 200
          if parts.count == 2, let times = Int(parts[1]), count > times { status = 200 }
          let text = "HTTP/1.1 \(status) X\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nok"
          _ = send(client, text, text.utf8.count, Int32(MSG_NOSIGNAL))
          return
        }
        let count = recv(client, &chunk, chunk.count, 0)
        if count <= 0 { return }
        bytes += chunk.prefix(count)
      }
    }

    private static func letter(_ bytes: [UInt8]) -> Letter? {
      guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
      let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
      var fields: [String: String] = [:]
      for line in head.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        fields[parts[0].lowercased()] = parts[1].trimmed
      }
      guard let length = fields["content-length"].flatMap({ Int($0) }), bytes.count >= end.upperBound + length
      else { return nil }
      return Letter(
        path: String(head[0].split(separator: " ")[1]), key: fields["idempotency-key"] ?? "",
        body: String(decoding: bytes[end.upperBound...], as: UTF8.self))
    }
  }
}
