import EventLoop
import Glibc
import Measurement
import Testing

@testable import LoadGen

extension RunTests {
  /// Runs take the time they take: each suite here is serialized, and what they wait for are events.
  @Suite struct OpenModelTests {
    /// A server that answers after `delay`, but what is due within `freeze` at its end, has these latencies.
    private struct Truth {
      let delay: Double
      let freeze: Double
      let duration: Double

      /// The share `freeze / duration` of all messages waits evenly between nothing and the whole freeze.
      func quantile(_ share: Double) -> Double {
        let held = freeze / duration
        return share < 1 - held ? delay : delay + freeze * (1 - (1 - share) / held)
      }
    }

    @Test("a freeze is in the quantiles as the open model wants it, within 2 %")
    func freeze() throws {
      // The full form is 20 s with a freeze of 1,000 ms.
      // SAFETY: only asked whether it is there.
      let isLong = unsafe getenv("SLUICE_LONG") != nil
      let truth = Truth(delay: 0.8, freeze: isLong ? 1 : 0.3, duration: isLong ? 20 : 4)
      let support = try RunSupport()
      support.server.delay = .seconds(truth.delay)
      let begin = support.start + .seconds(truth.duration / 2)
      support.server.freeze = begin..<begin + .seconds(truth.freeze)
      let figures = try support.carryOut([
        support.url, "--sockets=20", "--rate=10000", "--send-rate=25", "--duration=\(truth.duration)s",
        "--seed=1",
      ])
      #expect(figures.received == figures.sent && figures.lost == 0)
      #expect(abs(figures.sent - Int(truth.duration * 500)) <= 20)
      #expect(figures.blackouts.max > UInt64(truth.freeze * 0.9e9))
      for percent in [50, 90, 99, 99.9, 100] {
        let measured = Double(figures.intended.percentile(percent)) / 1e9
        let expected = truth.quantile(percent / 100)
        #expect(abs(measured / expected - 1) < 0.02, "p\(percent) is \(measured), but has to be \(expected)")
      }
    }

    @Test("the same seed is the same run: the same messages, of the same lengths, in the same order")
    func seeded() throws {
      func messages(_ seed: Int) throws -> [[UInt8]] {
        let support = try RunSupport()
        _ = try support.carryOut([
          support.url, "--sockets=5", "--rate=10000", "--send-rate=20", "--duration=300ms", "--seed=\(seed)",
          "--size=exp:300",
        ])
        // Of each socket, for two may change places on their way. Without the moment at which each did leave.
        return support.server.heard.filter { $0[15] == UInt8(ascii: "3") }
          .map { Array($0[..<40]) + [UInt8(truncatingIfNeeded: $0.count)] }
      }
      let first = try messages(9)
      #expect(first.count >= 5)
      #expect(try messages(9) == first)
      #expect(try messages(10) != first)
    }
  }
}
