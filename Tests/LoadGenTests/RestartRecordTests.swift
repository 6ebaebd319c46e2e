import EventLoop
import Testing

@testable import LoadGen

@Suite struct RestartRecordTests {
  private func record(_ text: String, _ state: RestartRecord.State, pid: Int32? = nil) -> RestartRecord {
    var record = RestartRecord(Restart(kind: Restart.Kind(text), at: .seconds(20)))
    record.state = state
    record.pid = pid
    return record
  }

  private let second: UInt64 = 1_000_000_000

  @Test("a restart that went well is no trouble")
  func well() {
    let record = record(
      "kill9", .ended(since: 20 * second, at: 20 * second + 30_000_000, .code(0)), pid: 4711)
    #expect(record.trouble == nil && record.exitCode == 0)
    #expect(record.words == "kill9 of worker 4711 at 20.00 s, done after 0.03 s")
  }

  @Test("one that did not happen, did not end or went wrong is")
  func trouble() {
    let planned = record("roll", .planned)
    #expect(planned.trouble == "roll was never begun: the run was over before")
    #expect(planned.began == 20 * second && planned.done == nil && planned.exitCode == nil)
    let running = record("sleep 100", .running(since: 21 * second))
    #expect(running.trouble == "'sleep 100' was not over when the run was: give it more --duration")
    #expect(running.began == 21 * second && running.done == nil)
    let wrong = record("drain", .ended(since: 0, at: second, .code(3)))
    #expect(wrong.trouble == "drain ended with exit code 3" && wrong.exitCode == 3)
    let killed = record("x", .ended(since: 0, at: second, .signal(9)))
    #expect(killed.trouble == "'x' ended with signal 9" && killed.exitCode == 137)
    let failed = record("kill9", .failed(since: 0, at: second, reason: "nobody there"))
    #expect(failed.trouble == "kill9: nobody there" && failed.exitCode == nil)
    #expect(failed.words == "kill9 at 0.00 s, done after 1.00 s: nobody there")
  }

  @Test("a command is shown on one line, whatever is in it")
  func printable() {
    let record = record("echo a\necho \u{1B}[2J", .running(since: 0))
    #expect(!record.words.contains("\n") && !record.words.contains("\u{1B}"))
  }

  @Test("the end of a restart travels to the generators, and nothing else is taken for one")
  func travelling() {
    let end = RestartEnd(number: 3, at: 12_345_678_901)
    let packet = end.packet
    let arrived = RestartEnd(packet.span)
    #expect(arrived == end)
    for count in 0..<packet.count {
      let part = Array(packet[..<count])
      let cut = RestartEnd(part.span)
      #expect(cut == nil)
    }
    for text in ["r[1]", "r[1,2,3]", "r[-1,-2]", "r[1.5,2]", "r{}", "m[1,2]", "[1,2]"] {
      let bytes = Array(text.utf8)
      let wrong = RestartEnd(bytes.span)
      #expect(wrong == nil, "\(text)")
    }
  }
}
