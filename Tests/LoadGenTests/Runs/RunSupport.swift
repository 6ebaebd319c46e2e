import EventLoop
import Measurement
import Synchronization
import Testing

@testable import LoadGen

/// Runs take the time they take, and measure it: one after the other.
@Suite(.serialized, .undisturbed) enum RunTests {}

/// Claims about milliseconds, on a machine that others use too: a measurement that somebody disturbed is repeated, one
/// that is wrong is wrong each time.
struct Undisturbed: SuiteTrait, TestTrait, TestScoping {
  let attempts: Int
  let isRecursive = true

  func provideScope(
    for test: Test, testCase: Test.Case?, performing measure: @Sendable () async throws -> Void
  ) async throws {
    for _ in 1..<attempts {
      let isDisturbed = Mutex(false)
      try await withKnownIssue("disturbed", isIntermittent: true) {
        try await measure()
      } matching: { _ in
        isDisturbed.withLock { $0 = true }
        return true
      }
      if !isDisturbed.withLock({ $0 }) { return }
    }
    try await measure()
  }
}

extension Trait where Self == Undisturbed {
  static var undisturbed: Undisturbed { Undisturbed(attempts: 4) }
}

/// A run against a `TestServer`, both in one loop.
final class RunSupport {
  static let run: UInt32 = 0xACED_5EED

  let loop: EventLoop
  let server: TestServer
  let start = Moment.current
  private(set) var generator: Generator?

  init(_ server: (EventLoop) throws -> TestServer = { try TestServer($0) }) throws {
    loop = try EventLoop()
    self.server = try server(loop)
  }

  /// Things done to the server, at their time of the run.
  func at(_ time: Duration, _ action: @escaping () throws -> Void) {
    loop.after((start + time).duration(since: .current)) {
      do { try action() } catch { Issue.record(error) }
    }
  }

  func carryOut(_ arguments: [String]) throws -> RunFigures {
    let plan = try Plan(arguments: arguments)
    let generator = try Generator(
      loop, plan: plan, addresses: [server.address], sockets: 0..<plan.sockets, start: start, run: Self.run)
    self.generator = generator
    var isOver = false
    generator.onEnd = { isOver = true }
    generator.begin()
    let pacer = loop.pacer
    loop.pacer = { [server] now in
      [pacer?(now), server.due].compactMap { $0 }.min()
    }
    let deadline = start + plan.duration + plan.grace + .seconds(20)
    while !isOver, Moment.current < deadline { try loop.turn(waitingAtMost: .milliseconds(100)) }
    #expect(isOver, "the run ends")
    return generator.figures
  }

  var url: String { "ws://\(server.address)/" }
}

func stamp(_ message: Span<UInt8>, size: String = "64") -> Stamp? {
  guard let sizes = MessageSizes(size, seed: 0),
    case .stamp(let stamp) = Stamp.read(message, sizes: sizes, run: RunSupport.run)
  else { return nil }
  return stamp
}
