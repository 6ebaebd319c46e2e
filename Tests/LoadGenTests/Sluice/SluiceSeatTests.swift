import FleetState
import Testing

@testable import LoadGen

@Suite struct SluiceSeatTests {
  private func at(_ milliseconds: UInt64) -> EntryID { EntryID(milliseconds: milliseconds, sequence: 0) }

  private func welcome(_ token: String, epoch: String = "e", at offset: UInt64 = 0) -> SluiceSeat.Position {
    SluiceSeat.Position(token: token, epoch: epoch, offset: at(offset))
  }

  /// It has joined at offset 10.
  private func seat() throws -> SluiceSeat {
    var seat = SluiceSeat(channel: try #require(Name("load-1-0")))
    #expect(seat.greeting().text() == #"{"type":"join","channel":"load-1-0","id":"join"}"#)
    seat.greet(welcome("t1", at: 9))
    #expect(!seat.isSettled)
    #expect(seat.join(at: at(10)) == nil)
    #expect(seat.isSettled && seat.position == welcome("t1", at: 10))
    return seat
  }

  @Test("on a new connection it goes on behind what it has heard, with the newest token")
  func resume() throws {
    var seat = try seat()
    #expect(seat.hear(at(11), overFormer: false) == .new)
    seat.renew("t2")
    let greeting = seat.greeting().text()
    #expect(greeting == #"{"type":"resume","token":"t2","epoch":"e","offset":"11-0","id":"resume"}"#)
    seat.greet(welcome("t3", at: 14))
    #expect(!seat.isSettled)
    #expect(seat.hear(at(12), overFormer: false) == .new)
    seat.resume(token: "t4", behind: nil)
    #expect(seat.isSettled && seat.position == welcome("t4", at: 12))
  }

  @Test("what a connection brings a second time, or behind what it brought before, is misplaced")
  func misplaced() throws {
    var seat = try seat()
    #expect(seat.hear(at(12), overFormer: false) == .new)
    #expect(seat.hear(at(12), overFormer: false) == .misplaced)
    #expect(seat.hear(at(11), overFormer: false) == .misplaced)
    _ = seat.greeting()
    #expect(seat.hear(at(12), overFormer: false) == .misplaced, "it said that it has that")
    #expect(seat.hear(at(13), overFormer: false) == .new)
  }

  @Test(
    "two connections bring the same, each in order: every offset is new once, however they interleave",
    arguments: 0..<64)
  func twoConnections(_ pattern: Int) throws {
    var seat = try seat()
    seat.beginMove()
    _ = seat.greeting()
    var (former, newest) = (10 as UInt64, 10 as UInt64)
    var heard: [UInt64] = []
    for step in 0..<12 {
      let isFormer = pattern >> (step % 6) & 1 == 1
      if isFormer { former += 1 } else { newest += 1 }
      let offset = isFormer ? former : newest
      switch seat.hear(at(offset), overFormer: isFormer) {
      case .new: heard.append(offset)
      case .again: #expect(heard.contains(offset))
      case .misplaced: Issue.record("each connection is in order")
      }
    }
    #expect(heard == Array(11..<11 + UInt64(heard.count)))
    #expect(heard.last == max(former, newest))
  }

  @Test("a loss moves it behind the loss; another epoch to where that one is")
  func loss() throws {
    var seat = try seat()
    _ = seat.greeting()
    seat.greet(welcome("t2", at: 40))
    seat.resume(token: nil, behind: at(30))
    #expect(seat.position == welcome("t1", at: 30))
    _ = seat.greeting()
    seat.greet(welcome("t3", epoch: "f", at: 3))
    seat.resume(token: "t4", behind: at(3))
    #expect(seat.position == welcome("t4", epoch: "f", at: 3))
    #expect(seat.hear(at(4), overFormer: false) == .new)
  }

  @Test("a session that is not known any more joins anew, and knows from where to where it missed")
  func forgotten() throws {
    var seat = try seat()
    _ = seat.greeting()
    seat.greet(welcome("t2", at: 20))
    seat.forget()
    #expect(seat.greeting().text().contains("join") && !seat.isSettled)
    let missed = seat.join(at: at(21))
    #expect(missed == at(10).next...at(21))
    #expect(seat.position == welcome("t2", at: 21))
    #expect(seat.join(at: at(22)) == nil, "a second answer is nobody's")
  }
}
