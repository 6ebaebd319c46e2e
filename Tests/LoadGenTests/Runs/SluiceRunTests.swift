import EventLoop
import Measurement
import Testing
import WireProtocol

@testable import LoadGen

extension RunTests {
  /// What a server of `sluice.v1` does wrong, and what it says of it, is what mode sluice tells.
  @Suite struct SluiceRunTests {
    private func support(_ fault: @escaping (String, String) -> SluiceDesk.Fault = { _, _ in .none }) throws
      -> RunSupport
    {
      let support = try RunSupport()
      let desk = SluiceDesk()
      desk.fault = fault
      support.server.desk = desk
      return support
    }

    private func run(_ support: RunSupport, _ more: String...) throws -> RunFigures {
      let figures = try support.carryOut(
        [
          support.url, "--mode=sluice", "--sockets=6", "--rate=10000", "--send-rate=40", "--duration=800ms",
          "--grace=300ms", "--seed=6",
        ] + more)
      #expect(figures.sent > 150)
      return figures
    }

    private func faulty(_ fault: SluiceDesk.Fault) throws -> RunFigures {
      try run(try support { channel, number in channel.hasSuffix("-2") && number == "7" ? fault : .none })
    }

    private func check(_ figures: RunFigures, lost: Int = 0, doubled: Int = 0, reordered: Int = 0) {
      #expect(figures.lost == lost && figures.duplicated == doubled && figures.reordered == reordered)
      #expect(figures.corrupt == 0 && figures.foreign == 0)
    }

    @Test("with nothing wrong each message has its receipt and is heard, and nobody resumes")
    func clean() throws {
      let figures = try faulty(.none)
      check(figures)
      #expect(figures.acked == figures.sent && figures.received == figures.sent)
      #expect(figures.resumed == 0 && figures.unreceipted == 0 && figures.moved == 0)
    }

    @Test("a message with a receipt that nobody hears is lost; so is one without on a connection that lives")
    func swallowed() throws {
      for fault in [SluiceDesk.Fault.swallow, .ignore] {
        let figures = try faulty(fault)
        check(figures, lost: 1)
        #expect(figures.faults.list == [Faults.Fault(.lost, socket: 2, sequence: 7)])
        #expect(figures.unreceipted == 0 && figures.received == figures.sent - 1)
      }
    }

    @Test("a message that is heard and has no receipt is a receipt too few, and no loss")
    func withoutReceipt() throws {
      let figures = try faulty(.keepReceipt)
      check(figures)
      #expect(figures.acked == figures.sent - 1 && figures.received == figures.sent)
    }

    @Test("one offset twice is doubled, one behind its successor out of order")
    func misplaced() throws {
      check(try faulty(.double), doubled: 1)
      check(try faulty(.swapWithNext), reordered: 1)
    }

    @Test("what the server refuses is refused, and not lost")
    func refused() throws {
      let figures = try faulty(.refuse)
      check(figures)
      #expect(figures.refused == 1 && figures.acked == figures.sent - 1)
    }

    @Test("who is dropped hears what was said meanwhile, and only what had no receipt may be missing")
    func dropped() throws {
      let support = try support()
      support.at(.milliseconds(300)) { support.server.end(support.server.connections.prefix(2), .reset) }
      let figures = try run(support, "--reconnect=100ms")
      check(figures)
      #expect(figures.drops.counts == [.reset: 2])
      #expect(figures.resumed == 2 && figures.recovered == 2 && support.server.desk?.resumes == 2)
      #expect(figures.received + figures.unreceipted == figures.sent)
      #expect(figures.overdue >= 2)
    }

    @Test("what is told to be gone is told; what is missing before it is lost", arguments: [0, 1])
    func told(_ swallowed: Int) throws {
      let support = try support { channel, number in
        swallowed == 1 && channel.hasSuffix("-3") && number == "4" ? .swallow : .none
      }
      var from: UInt64 = 0
      support.at(.milliseconds(300)) {
        from = support.server.desk?.offset ?? 0
        support.server.end(support.server.connections.prefix(3), .reset)
      }
      support.at(.milliseconds(450)) {
        support.server.desk?.lost = from + 1...(support.server.desk?.offset ?? from)
      }
      let figures = try run(support, "--reconnect=250ms")
      check(figures, lost: swallowed)
      #expect(figures.unrecovered == 3 && figures.recovered == 0 && figures.toldLost >= 3)
      #expect(figures.received + figures.unreceipted + figures.toldLost + figures.lost == figures.sent)
    }

    @Test("a hint is followed: the new connection first, then the end of the old one, and nothing is late")
    func moved() throws {
      let support = try support()
      var old: [TestConnection] = []
      support.at(.milliseconds(300)) {
        old = support.server.connections
        for connection in old {
          connection.say(#"{"type":"reconnect","in_ms":60,"token":null,"reason":"server_shutdown"}"#)
        }
      }
      let figures = try run(support)
      check(figures)
      #expect(old.count == 6)
      #expect(old.allSatisfy { $0.closedWith == .some(.normal) })
      #expect(figures.moved == 6 && figures.recovered == 6 && figures.drops.total == 0)
      #expect(figures.received == figures.sent && figures.acked == figures.sent && figures.unsent == 0)
      #expect(figures.reconnect.count == 0 && figures.openAtEnd == 6)
    }

    @Test("whoever is turned away by the new connection stays with the old one, and tries again")
    func turnedAway() throws {
      let support = try support()
      support.at(.milliseconds(200)) {
        support.server.refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        for connection in support.server.connections {
          connection.say(#"{"type":"reconnect","in_ms":0,"reason":"server_shutdown"}"#)
        }
      }
      support.at(.milliseconds(300)) { support.server.refusal = nil }
      let figures = try run(support, "--duration=3s")
      check(figures)
      #expect(figures.drops.total == 0 && figures.received == figures.sent && figures.acked == figures.sent)
      #expect(figures.reconnectFailures.counts.keys.map(\.text) == ["http:503"])
      #expect(figures.moved == 6 && figures.unsent == 0)
    }
  }
}
