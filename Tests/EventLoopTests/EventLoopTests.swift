import Glibc
import Testing

@testable import EventLoop

@Suite struct EventLoopTests {
  /// Drains what it is told of and notes the keys.
  private final class Ear: EventSource {
    var keys: [UInt32] = []
    var onReady: (() -> Void)?
    func ready(_ key: UInt32, _ readiness: Readiness) {
      keys.append(key)
      onReady?()
    }
  }

  private final class Line {
    let near: Int32
    let far: Int32
    init() throws { (near, far) = try PacketChannel.pair() }
    deinit { for fd in [near, far] { _ = Glibc.close(fd) } }
    func poke() { _ = unsafe Glibc.write(far, "x", 1) }
  }

  @Test("timers come in the order of their time and never early")
  func timers() throws {
    let loop = try EventLoop()
    var came: [Int] = []
    let begun = Moment.current
    var early = false
    for delay in [9, 3, 6] {
      loop.after(.milliseconds(delay)) {
        came.append(delay)
        early = early || Moment.current < begun + .milliseconds(delay)
      }
    }
    let cancelled = loop.after(.milliseconds(4)) { came.append(4) }
    loop.cancel(cancelled)
    try loop.turn(until: "three timers") { came.count == 3 }
    #expect(came == [3, 6, 9])
    #expect(!early)
  }

  @Test("a delay counts from when it is asked for, not from when the turn began")
  func delayFromNow() throws {
    let loop = try EventLoop()
    let turnBegan = loop.now
    // The turn goes on for a while.
    while Moment.current < turnBegan + .milliseconds(8) {}
    let asked = Moment.current
    var came: Moment?
    loop.after(.milliseconds(6)) { came = .current }
    try loop.turn(until: "the timer") { came != nil }
    #expect(try #require(came) >= asked + .milliseconds(6))
  }

  @Test("a timer that sets itself anew without delay comes once a turn")
  func selfSetting() throws {
    let loop = try EventLoop()
    let ear = Ear()
    let id = loop.add(ear)
    ear.onReady = { _ = loop.wake(id, key: 1, at: Moment(nanoseconds: 0)) }
    _ = loop.wake(id, key: 1, at: Moment(nanoseconds: 0))
    try loop.turn(until: "it came") { !ear.keys.isEmpty }
    #expect(ear.keys.count == 1)
  }

  @Test("a repetition goes on until it is stopped, also from inside")
  func every() throws {
    let loop = try EventLoop()
    var count = 0
    var stop: (() -> Void)?
    stop = loop.every(.milliseconds(1)) {
      count += 1
      if count == 3 { stop?() }
    }
    try loop.turn(until: "three times") { count == 3 }
    for _ in 0..<3 { try loop.turn(waitingAtMost: .milliseconds(2)) }
    #expect(count == 3)
  }

  @Test("what is put off comes after the events, what it puts off comes in the next turn, then the flush")
  func order() throws {
    let loop = try EventLoop()
    var notes: [String] = []
    loop.atEndOfTurn { notes.append("flush") }
    loop.next {
      notes.append("first")
      loop.next { notes.append("second") }
    }
    try loop.turn(waitingAtMost: nil)
    try loop.turn(waitingAtMost: nil)
    #expect(notes == ["first", "flush", "second", "flush"])
  }

  @Test("the pacer wakes the loop between two milliseconds")
  func pacer() throws {
    let loop = try EventLoop()
    let due = Moment.current.advanced(byNanoseconds: 300_000)
    loop.pacer = { _ in due }
    try loop.turn(waitingAtMost: .seconds(10))
    #expect(Moment.current >= due)
    #expect(Moment.current < due + .seconds(5))
  }

  @Test("an event of a source that went in the same turn does not reach the one in its place")
  func replacedInBatch() throws {
    let loop = try EventLoop()
    let ears = [Ear(), Ear()]
    let late = Ear()
    let lines = [try Line(), try Line()]
    let ids = ears.map { loop.add($0) }
    for index in 0..<2 {
      try loop.watch(lines[index].near, for: .readable, by: ids[index], key: UInt32(index))
      lines[index].poke()
    }
    // Whoever is first replaces the other, whose event is already in hand.
    for index in 0..<2 {
      ears[index].onReady = {
        loop.unwatch(lines[1 - index].near)
        loop.remove(ids[1 - index])
        _ = loop.add(late)
      }
    }
    try loop.turn(waitingAtMost: .milliseconds(50))
    #expect(ears.map(\.keys.count).reduce(0, +) == 1)
    #expect(late.keys.isEmpty)
  }

  @Test("a timer of a source that is gone does not reach the one in its place")
  func replacedTimer() throws {
    let loop = try EventLoop()
    let (old, new) = (Ear(), Ear())
    let id = loop.add(old)
    _ = loop.wake(id, key: 1, at: .current)
    loop.remove(id)
    _ = loop.add(new)
    var passed = false
    loop.after(.milliseconds(4)) { passed = true }
    try loop.turn(until: "time has passed") { passed }
    #expect(old.keys.isEmpty && new.keys.isEmpty)
    loop.remove(id)
    loop.remove(.none)
  }

  @Test("a long turn shows in the loop's own health figure")
  func longTurn() throws {
    let loop = try EventLoop()
    loop.next {
      let until = Moment.current + .milliseconds(3)
      while Moment.current < until {}
    }
    try loop.turn(waitingAtMost: nil)
    #expect(loop.takeLongestTurn() >= 3_000_000)
    #expect(loop.longestTurnNanoseconds == 0)
  }
}
