import Bytes
import EventLoop
import Glibc
import Measurement
import TLS
import Testing

@testable import LoadGen

extension RunTests {
  /// Ways to a server: TLS, a Unix socket, headers, phases, forms of messages.
  @Suite struct WaysTests {
    @Test("the handshake carries headers, the token, subprotocols, and the socket's number in the path")
    func handshake() throws {
      let support = try RunSupport()
      let figures = try support.carryOut([
        support.url + "ws/load-{socket}?a=1", "--sockets=3", "--duration=400ms", "--header=X-Test: yes",
        "--token=s3cret", "--subprotocol=other", "--subprotocol=sluice.v1",
        "--hello={\"join\": \"{socket}\"}",
      ])
      #expect(figures.opened == 3)
      let requests = support.server.requests.sorted()
      for (number, request) in requests.enumerated() {
        #expect(request.hasPrefix("GET /ws/load-\(number)?a=1 HTTP/1.1\r\n"))
        #expect(
          request.contains("\r\nX-Test: yes\r\n") && request.contains("\r\nAuthorization: Bearer s3cret\r\n"))
        #expect(request.contains("\r\nSec-WebSocket-Protocol: other, sluice.v1\r\n"))
      }
      let hellos = support.server.heard.map { String(decoding: $0, as: UTF8.self) }.filter {
        $0.contains("join")
      }
      #expect(Set(hellos) == Set((0..<3).map { "{\"join\": \"\($0)\"}" }))
    }

    @Test("a Unix socket is a target")
    func unix() throws {
      let path = "/tmp/sluice-load-\(Machine.pid)-\(UInt32.random(in: 0 ... .max)).sock"
      let support = try RunSupport { try TestServer($0, at: .unix(path: path)) }
      defer { SmallFile.remove(path) }
      let figures = try support.carryOut([
        "ws+unix:\(path):/ws", "--sockets=10", "--rate=10000", "--send-rate=20", "--duration=500ms",
      ])
      #expect(figures.opened == 10 && figures.received == figures.sent && figures.sent > 80)
      #expect(support.server.requests.first?.hasPrefix("GET /ws HTTP/1.1\r\nHost: localhost\r\n") == true)
    }

    @Test("phases add sockets and take them away, which is nobody's drop and loses nothing")
    func phases() throws {
      let support = try RunSupport()
      support.server.delay = .milliseconds(30)
      var held: [Int] = []
      for time in [450, 950, 1450, 1950] {
        support.at(.milliseconds(time)) {
          held.append(support.server.connections.count { $0.closedWith == nil })
        }
      }
      let figures = try support.carryOut([
        support.url, "--phases=500ms 10 20; 500ms 25 20; 500ms 5 40; 500ms 15 10", "--rate=10000", "--seed=3",
      ])
      #expect(held == [10, 25, 5, 15])
      #expect(figures.drops.total == 0 && figures.lost == 0 && figures.unsent == 0)
      #expect(figures.received == figures.sent && figures.openAtEnd == 15 && figures.heldMost == 25)
      // Ten of the fifteen that went came again.
      #expect(figures.opened == 25 && figures.joined == 35 && figures.left == 20)
      #expect(abs(figures.sent - (100 + 250 + 100 + 75)) <= 30)
    }

    @Test("what is due in the last moments is published, however late the run finds its end")
    func lastPublications() throws {
      let support = try RunSupport()
      // The generator's own turn is late: it comes to after the end.
      support.at(.milliseconds(900)) { usleep(150_000) }
      let arguments = [
        support.url, "--mode=fanout", "--publish=socket", "--publish-rate=50", "--sockets=4", "--rate=10000",
        "--duration=1s", "--grace=100ms",
      ]
      let figures = try support.carryOut(arguments + ["--seed=3"])
      let publications = try #require(Plan(arguments: arguments + ["--seed=3"]).publications)
      #expect(figures.published == Int(publications.number(by: 1_000_000_000)))
      #expect(figures.published > 20 && figures.sent == figures.published * 3)
    }

    @Test("messages of another form are recognised by their stamp, whatever their length")
    func custom() throws {
      let support = try RunSupport()
      let figures = try support.carryOut([
        support.url, "--mode=custom",
        "--message={\"say\": \"{stamp}\", \"from\": {socket}, \"no\": {number}}",
        "--size=uniform:64-900", "--sockets=4", "--rate=10000", "--send-rate=20", "--duration=500ms",
      ])
      #expect(figures.received == figures.sent && figures.sent > 30)
      let first = try #require(support.server.heard.first)
      let text = String(decoding: first, as: UTF8.self)
      #expect(text.hasPrefix("{\"say\": \"aced5eed") && text.hasSuffix("\"no\": 0}"))
    }

    @Test("answers that say nothing of their message are told by their order; others are no answers")
    func ordered() throws {
      let support = try RunSupport()
      support.server.saying = "{\"ack\": true}"
      support.at(.milliseconds(200)) {
        for connection in support.server.connections { connection.say("news") }
      }
      let figures = try support.carryOut([
        support.url, "--mode=custom", "--message=work {number}", "--echo-match=order:\"ack\"", "--sockets=4",
        "--rate=10000", "--send-rate=20", "--duration=500ms",
      ])
      #expect(figures.received == figures.sent && figures.sent > 30 && figures.foreign == 4)
      #expect(figures.lost == 0 && figures.corrupt == 0)
    }

    @Test("idle sockets are held and say nothing; pings are answered")
    func idle() throws {
      let support = try RunSupport()
      support.at(.milliseconds(200)) { for connection in support.server.connections { connection.ping() } }
      let figures = try support.carryOut([support.url, "--mode=idle", "--sockets=20", "--duration=500ms"])
      #expect(figures.sent == 0 && figures.openAtEnd == 20 && figures.drops.total == 0)
    }

    private func letEverybodyHear(_ server: TestServer) {
      server.tamper = { [unowned server] message in
        let text = String(decoding: message.copied(), as: UTF8.self)
        for connection in server.connections where connection.isOpen { connection.say(text) }
        return .drop
      }
    }

    @Test("in a chat each message is heard by the next socket, whoever else hears it")
    func chat() throws {
      let support = try RunSupport()
      letEverybodyHear(support.server)
      let figures = try support.carryOut([
        support.url, "--mode=chat", "--sockets=5", "--rate=10000", "--send-rate=20", "--duration=500ms",
      ])
      #expect(figures.received == figures.sent && figures.lost == 0 && figures.duplicated == 0)
      #expect(figures.foreign == figures.sent * 4)
    }

    @Test("while a chat fills up, a socket speaks once there is who hears it")
    func chatFillsUp() throws {
      let support = try RunSupport()
      letEverybodyHear(support.server)
      let figures = try support.carryOut([
        support.url, "--mode=chat", "--sockets=5", "--rate=5", "--send-rate=20", "--duration=1500ms",
        "--grace=200ms",
      ])
      #expect(figures.opened == 5 && figures.sent > 80 && figures.received == figures.sent)
    }
  }
}
