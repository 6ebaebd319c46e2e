import EventLoop
import Measurement
import Testing

@testable import LoadGen

extension RunTests {
  @Suite struct DropTests {
    @Test(
      "each kind of end is counted as often as it happened, and who comes back took as long as the server was away"
    )
    func kinds() throws {
      let each = 5
      let kinds: [(TestServer.Farewell, DropCause)] = [
        (.reset, .reset), (.fin, .eof), (.code(1001), .close(1001)), (.code(1012), .close(1012)),
      ]
      let support = try RunSupport()
      support.at(.milliseconds(800)) {
        support.server.stopListening()
        let all = support.server.connections
        for (number, kind) in kinds.enumerated() {
          support.server.end(all[number * each..<(number + 1) * each], kind.0)
        }
      }
      // Away for 200 ms: of pauses of 125 ms the second is answered.
      support.at(.milliseconds(1000)) { try support.server.listenAgain() }
      let figures = try support.carryOut([
        support.url, "--sockets=30", "--rate=1000", "--send-rate=5", "--duration=2s", "--reconnect=125ms",
        "--seed=2",
      ])
      #expect(figures.drops.counts == Dictionary(uniqueKeysWithValues: kinds.map { ($0.1, each) }))
      #expect(figures.openAtEnd == 30 && figures.opened == 30)
      #expect(figures.reconnect.count == 20)
      #expect(figures.reconnectFailures.counts == [.refused: 20])
      // All of them at once: the shape of a herd.
      #expect(figures.herd.peak == 20)
      #expect(figures.reconnect.min >= 250_000_000)
      // From the loss, not from the attempt that was answered.
      #expect(figures.reconnect.max <= 255_000_000)
    }

    @Test("what falls due while its socket is away is late, from its intended time, or told as not sent")
    func overdue() throws {
      let support = try RunSupport()
      support.at(.milliseconds(1000)) { support.server.end(support.server.connections, .code(1012)) }
      let figures = try support.carryOut([
        support.url, "--sockets=10", "--rate=1000", "--send-rate=20", "--duration=2s", "--reconnect=500ms",
        "--seed=3",
      ])
      // Each socket is away for 500 ms and has 10 messages due meanwhile.
      #expect(abs(figures.overdue - 100) <= 10)
      // One that was on its way to a server that said goodbye is lost.
      #expect(figures.unsent == 0 && figures.lost <= 5)
      #expect(figures.received + figures.lost == figures.sent && abs(figures.sent - 400) <= 10)
      #expect((480_000_000...530_000_000).contains(figures.intended.max))
      // A quarter of the run was an outage: a p90 that hides it is wrong.
      #expect(figures.intended.percentile(90) > 250_000_000)
      #expect(figures.service.max < 100_000_000)
      // That they leave late is not the generator's fault.
      #expect(figures.lateSends < figures.overdue / 2)
      #expect((480_000_000...530_000_000).contains(figures.blackouts.max))
    }

    @Test("who does not come back leaves its messages unsent, each of them counted")
    func unsent() throws {
      let support = try RunSupport()
      support.at(.milliseconds(500)) { support.server.end(support.server.connections.prefix(4), .reset) }
      let figures = try support.carryOut([
        support.url, "--sockets=10", "--rate=1000", "--send-rate=20", "--duration=1500ms", "--reconnect=none",
        "--seed=4",
      ])
      #expect(figures.overdue == 0 && abs(figures.unsent - 80) <= 4)
      #expect(abs(figures.sent + figures.unsent + figures.lost - 300) <= 10)
      #expect(figures.openAtEnd == 6 && figures.freeze.max < 100_000_000)
    }

    @Test("who leaves because it was told to is open no more, then again; nothing has dropped it")
    func left() throws {
      let support = try RunSupport()
      support.at(.milliseconds(400)) {
        for connection in support.server.connections {
          connection.say(#"{"type":"reconnect","in_ms":100,"reason":"server_shutdown"}"#)
        }
      }
      let figures = try support.carryOut([
        support.url, "--sockets=8", "--rate=1000", "--duration=1s", "--reconnect=told", "--seed=4",
      ])
      #expect(figures.joined == 16 && figures.left == 8 && figures.reconnect.count == 8)
      #expect(figures.drops.total == 0 && figures.openAtEnd == 8 && figures.heldMost == 8)
    }

    @Test("time until the latency is back runs from the restart's mark to the last late message")
    func recovery() throws {
      let support = try RunSupport()
      support.server.delay = .milliseconds(20)
      support.at(.milliseconds(1500)) { support.server.end(support.server.connections, .code(1012)) }
      support.at(.milliseconds(1600)) { support.generator?.restarted(0, at: 1_600_000_000) }
      let figures = try support.carryOut([
        support.url, "--sockets=20", "--rate=10000", "--send-rate=20", "--duration=3500ms",
        "--reconnect=600ms",
        "--seed=5", "--restart=true", "--at=1500ms",
      ])
      let back = try #require(figures.recovery.time(after: 0))
      #expect((500_000_000...700_000_000).contains(back))
      #expect(figures.during.max > 550_000_000 && figures.steady.max < 200_000_000)
    }

    @Test("a refused handshake is told by its status, a silent one by the deadline, and nothing hangs")
    func refused() throws {
      let support = try RunSupport()
      support.server.refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
      var figures = try support.carryOut([
        support.url, "--sockets=3", "--duration=400ms", "--reconnect=none",
      ])
      #expect(figures.failed.counts == [.http(503): 3])
      let page = try RunSupport()
      // Its end would be that of the connection, and nobody waits for it.
      page.server.refusal = "HTTP/1.1 200 OK\r\n\r\n<html>"
      figures = try page.carryOut([page.url, "--sockets=3", "--duration=400ms", "--reconnect=none"])
      #expect(figures.failed.counts == [.http(200): 3])
      let silent = try RunSupport()
      silent.server.refusal = ""
      figures = try silent.carryOut([
        silent.url, "--sockets=3", "--duration=600ms", "--reconnect=none", "--handshake-timeout=100ms",
      ])
      #expect(figures.failed.counts == [.timeout: 3])
      let garbled = try RunSupport()
      garbled.server.refusal = "SSH-2.0-OpenSSH\r\n\r\n"
      figures = try garbled.carryOut([garbled.url, "--sockets=3", "--duration=400ms", "--reconnect=none"])
      #expect(figures.failed.counts == [.protocolError: 3])
    }

    @Test(
      "told to come back after a while, sockets do: by Retry-After, or by a message before they are closed")
    func told() throws {
      let support = try RunSupport()
      support.server.refusal =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
      support.at(.milliseconds(500)) { support.server.refusal = nil }
      support.at(.milliseconds(1500)) {
        for connection in support.server.connections {
          connection.say("{\"type\": \"reconnect\", \"in_ms\": 300, \"reason\": \"drain\"}")
        }
      }
      let figures = try support.carryOut([
        support.url, "--sockets=5", "--rate=10000", "--duration=3s", "--reconnect=told", "--send-rate=10",
      ])
      #expect(figures.failed.counts == [.http(503): 5])
      #expect(support.server.requests.count == 15)
      // They left by themselves: nobody was dropped, nothing was lost.
      #expect(figures.drops.total == 0 && figures.lost == 0 && figures.reconnect.count == 5)
      #expect(figures.received == figures.sent && figures.openAtEnd == 5)
    }
  }
}
