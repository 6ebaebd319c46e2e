import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct EventLoopTests {
  @Test("a timer is never early and comes once; a cancelled one does not come")
  func timers() throws {
    let bench = try LoopBench()
    let start = bench.loop.now
    var fired: [Moment] = []
    bench.loop.after(.milliseconds(5)) { fired.append(.current) }
    let cancelled = bench.loop.after(.milliseconds(1)) { Issue.record("cancelled, and came") }
    bench.loop.cancel(cancelled)
    try bench.turn(until: "the timer") { !fired.isEmpty }
    try bench.turn(times: 3)
    #expect(fired.count == 1)
    #expect(fired[0].nanoseconds(since: start) >= 5_000_000)
  }

  @Test("an action that plans itself again at once has its next turn, not this one")
  func zeroDelay() throws {
    let bench = try LoopBench()
    var count = 0
    func again() {
      count += 1
      bench.loop.after(.zero, again)
    }
    again()
    // A turn that begins on a whole millisecond would otherwise never end.
    for _ in 0..<50 {
      let before = count
      try bench.loop.turn(waitingAtMost: .milliseconds(2))
      #expect(count <= before + 1)
    }
    #expect(count > 1)
  }

  @Test("`every` goes on until it is told to stop")
  func every() throws {
    let bench = try LoopBench()
    var count = 0
    let stop = bench.loop.every(.milliseconds(1)) { count += 1 }
    try bench.turn(until: "three times") { count >= 3 }
    stop()
    let before = count
    try bench.turn(times: 5)
    #expect(count == before)
  }

  @Test("`next` comes after this turn's events, once; what it plans comes in the turn after")
  func next() throws {
    let bench = try LoopBench()
    var order: [String] = []
    bench.loop.atEndOfTurn { order.append("end") }
    bench.loop.next {
      order.append("next")
      bench.loop.next { order.append("later") }
    }
    try bench.loop.turn(waitingAtMost: .seconds(10))
    #expect(order == ["next", "end"])
    try bench.loop.turn(waitingAtMost: .seconds(10))
    #expect(order == ["next", "end", "later", "end"])
  }

  @Test("the pacer wakes the loop on time, finer than a timer")
  func pacer() throws {
    let bench = try LoopBench()
    let goal = Moment.current.advanced(byNanoseconds: 1_500_000)
    bench.loop.pacer = { _ in goal }
    try bench.loop.turn(waitingAtMost: .seconds(10))
    #expect(Moment.current >= goal)
    #expect(Moment.current.nanoseconds(since: goal) < 5_000_000_000, "slept for the limit")
  }

  @Test(
    "the longest turn counts whatever keeps others waiting",
    arguments: ["next", "end of turn", "timer"])
  func longestTurn(kind: String) throws {
    let bench = try LoopBench()
    var isDone = false
    func hold() {
      if isDone { return }
      isDone = true
      let until = Moment.current.advanced(byNanoseconds: 3_000_000)
      while Moment.current < until {}
    }
    switch kind {
    case "next": bench.loop.next(hold)
    case "timer": bench.loop.after(.milliseconds(1), hold)
    default: bench.loop.atEndOfTurn(hold)
    }
    try bench.turn(until: kind) { isDone }
    #expect(bench.loop.takeLongestTurn() >= 3_000_000)
    #expect(bench.loop.longestTurnNanoseconds == 0)
  }

  @Test("an event meant for a source that has gone does not meet the one in its place")
  func placeUsedAgain() throws {
    let bench = try LoopBench()
    let (near, far) = try PacketChannel.pair()
    // Two descriptors of one end: both are ready in the same batch.
    let first = Descriptor(owning: near)
    let second = Descriptor(owning: dup(near))
    let peer = Descriptor(owning: far)
    var sources: [Probe] = [Probe(), Probe()]
    let places = sources.map { bench.loop.add($0) }
    let late = Probe()
    let numbers = [first.number, second.number]
    for index in 0...1 {
      sources[index].onReady = {
        // Whoever is first removes the other, whose event is in the same batch, and puts another there.
        let other = 1 - index
        bench.loop.unwatch(numbers[other])
        bench.loop.remove(places[other])
        sources[index].onReady = nil
        sources[other].onReady = nil
        #expect(bench.loop.add(late) != places[other])
      }
    }
    try bench.loop.watch(first.number, for: .readable, by: places[0])
    try bench.loop.watch(second.number, for: .readable, by: places[1])
    Socket.shutdownWrite(peer.number)
    try bench.loop.turn(waitingAtMost: .seconds(5))
    #expect(sources.map(\.calls).reduce(0, +) == 1)
    #expect(late.calls == 0, "it heard of a descriptor that is not its own")
    sources.removeAll()
  }

  @Test("a wake-up meant for a source that has gone does not meet the one in its place")
  func wakeOfTheGone() throws {
    let bench = try LoopBench()
    let place = bench.loop.add(Probe())
    _ = bench.loop.wake(place, key: 7, at: bench.loop.now)
    bench.loop.remove(place)
    let other = Probe()
    _ = bench.loop.add(other)
    var isOver = false
    bench.loop.after(.milliseconds(4)) { isOver = true }
    try bench.turn(until: "the time") { isOver }
    #expect(other.calls == 0)
  }
}

final class Probe: EventSource {
  var onReady: (() -> Void)?
  private(set) var calls = 0

  func ready(_ key: UInt32, _ readiness: Readiness) {
    calls += 1
    onReady?()
  }
}

/// A loop, driven one turn at a time.
final class LoopBench {
  let loop: EventLoop

  init() throws { loop = try EventLoop() }

  func turn(
    until what: String, atMost turns: Int = 2000, at place: SourceLocation = #_sourceLocation,
    _ isTrue: () -> Bool
  ) throws {
    for _ in 0..<turns {
      if isTrue() { return }
      try loop.turn(waitingAtMost: .milliseconds(2))
    }
    #expect(isTrue(), "waited in vain: \(what)", sourceLocation: place)
  }

  func turn(times: Int) throws {
    for _ in 0..<times { try loop.turn(waitingAtMost: .zero) }
  }
}
