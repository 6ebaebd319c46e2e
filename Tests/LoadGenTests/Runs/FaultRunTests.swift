import Bytes
import EventLoop
import Measurement
import Testing

@testable import LoadGen

extension RunTests {
  @Suite struct FaultRunTests {
    private typealias Fault = Faults.Fault

    private func faults(
      _ tampering: TestServer.Tampering, socket: UInt32, message: UInt32, arguments: [String] = []
    ) throws -> RunFigures {
      let support = try RunSupport()
      support.server.tamper = { bytes in
        let found = stamp(bytes)
        return found?.socket == socket && found?.sequence == message ? tampering : .none
      }
      return try support.carryOut(
        [
          support.url, "--sockets=6", "--rate=10000", "--send-rate=40", "--duration=600ms", "--grace=300ms",
          "--seed=6",
        ] + arguments)
    }

    @Test("one message in the seeded place is lost, and is named", arguments: [1, 2, 3] as [UInt64])
    func dropped(_ seed: UInt64) throws {
      var random = SplitMix64(seed: seed)
      let socket = UInt32(random.next() % 6)
      let message = UInt32(random.next() % 20)
      let figures = try faults(.drop, socket: socket, message: message)
      #expect(figures.lost == 1 && figures.duplicated == 0 && figures.reordered == 0 && figures.corrupt == 0)
      #expect(figures.faults.list == [Fault(.lost, socket: socket, sequence: message)])
      #expect(figures.received == figures.sent - 1)
    }

    @Test("a message sent twice is one doubled, and is named")
    func doubled() throws {
      let figures = try faults(.double, socket: 2, message: 7)
      #expect(figures.duplicated == 1 && figures.lost == 0 && figures.received == figures.sent)
      #expect(figures.faults.list == [Fault(.duplicated, socket: 2, sequence: 7)])
    }

    @Test("two messages in the wrong order are one that came late, and is named")
    func swapped() throws {
      let figures = try faults(.swapWithNext, socket: 4, message: 3)
      #expect(figures.reordered == 1 && figures.lost == 0 && figures.duplicated == 0)
      #expect(figures.faults.list == [Fault(.reordered, socket: 4, sequence: 3)])
    }

    @Test("a changed letter is corrupt, and its message is lost")
    func spoiled() throws {
      let figures = try faults(.spoil, socket: 1, message: 5)
      #expect(figures.corrupt == 1 && figures.lost == 1)
      #expect(Set(figures.faults.list.map(\.kind)) == [.corrupt, .lost])
      #expect(figures.faults.list.allSatisfy { $0.socket == 1 })
    }

    @Test("with nothing wrong nothing is reported, and a lost answer holds no socket up")
    func clean() throws {
      let figures = try faults(.none, socket: 0, message: 0)
      #expect(figures.faults.list.isEmpty && figures.received == figures.sent)
      #expect(figures.frozen == 0 || figures.freeze.max < 100_000_000)
    }

    @Test("--fail-fast ends the run with the assertion that broke it")
    func failFast() throws {
      let support = try RunSupport()
      support.at(.milliseconds(300)) { support.server.end(support.server.connections.prefix(1), .reset) }
      var reason: String?
      support.loop.next {
        support.generator?.onHopeless = {
          reason = $0
          support.generator?.stop()
        }
      }
      let figures = try support.carryOut([
        support.url, "--sockets=3", "--duration=20s", "--send-rate=0", "--fail-fast",
        "--assert=lost==0&&drops==0",
      ])
      #expect(reason == "drops==0")
      #expect(figures.drops.total == 1)
      #expect(Moment.current < support.start + .seconds(10))
    }
  }
}
