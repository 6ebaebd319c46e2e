import EventLoop
import Measurement
import Testing

@testable import LoadGen

extension RunTests {
  /// Three ways to end a server under load, told apart by the verdict alone.
  @Suite struct ThreeServersTests {
    /// What holds, in the order of the assertions.
    private func verdict(_ end: (RunSupport) -> Void) throws -> (RunFigures, [Bool]) {
      let support = try RunSupport()
      support.server.delay = .milliseconds(30)
      end(support)
      let arguments = [
        support.url, "--sockets=40", "--rate=10000", "--send-rate=20", "--duration=3s", "--reconnect=20ms",
        "--seed=8", "--assert=open_at_end==wanted && lost==0 && herd_peak<=10 && drops==0",
      ]
      let figures = try support.carryOut(arguments)
      return (figures, try Plan(arguments: arguments).assertions.map { $0.judge(figures).ok })
    }

    @Test("a hard kill loses what was under way, and all come back at once")
    func hardKill() throws {
      let (figures, holds) = try verdict { support in
        support.at(.seconds(1)) { support.server.end(support.server.connections, .reset) }
      }
      #expect(figures.drops.counts == [.reset: 40])
      // 800 messages a second, each 30 ms under way.
      #expect((10...40).contains(figures.lost))
      #expect(holds == [true, false, false, false])
    }

    @Test("all closed at once is a herd, but loses nothing that was answered first")
    func allAtOnce() throws {
      let (figures, holds) = try verdict { support in
        support.server.delay = .zero
        support.at(.seconds(1)) { support.server.end(support.server.connections, .code(1001)) }
      }
      #expect(figures.drops.counts == [.close(1001): 40])
      #expect(figures.herd.peak >= 20)
      #expect(holds[0] && holds[2] == false && holds[3] == false)
      #expect(figures.lost <= 2)
    }

    @Test("a paced drain is no herd")
    func paced() throws {
      let (figures, holds) = try verdict { support in
        support.server.delay = .zero
        support.at(.seconds(1)) {
          for (place, connection) in support.server.connections.enumerated() {
            support.at(.seconds(1) + .milliseconds(25 * place)) { connection.end(.code(1012)) }
          }
        }
      }
      #expect(figures.drops.counts == [.close(1012): 40])
      #expect(figures.herd.peak <= 10)
      #expect(holds[0] && holds[2] && !holds[3])
    }
  }
}
