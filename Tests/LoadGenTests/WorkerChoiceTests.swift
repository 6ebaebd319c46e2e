import Bytes
import Measurement
import Testing

@testable import LoadGen

@Suite struct WorkerChoiceTests {
  private func workers(_ text: String) -> [Int32] {
    let bytes = Array(text.utf8)
    return WorkerChoice.workers(in: bytes.span)
  }

  @Test("every worker of every host is named")
  func names() {
    #expect(
      workers(
        #"{"schema":1,"hosts":[{"pid":1,"workers":[{"slot":0,"pid":12},{"slot":1,"pid":13}]},{"workers":[{"pid":14}]}]}"#
      )
        == [12, 13, 14])
  }

  @Test(
    "no number is taken that would reach more than a worker, and none from what is no status",
    arguments: [
      "", "{", "[]", "{}", #"{"hosts":[]}"#, #"{"hosts":[{"workers":[{"pid":-1},{"pid":0},{"pid":1}]}]}"#,
      #"{"hosts":[{"workers":[{"pid":4294967297},{"pid":2.5},{"pid":"12"},{}]}]}"#,
      #"{"hosts":{"workers":[{"pid":5}]}}"#,
    ])
  func hostile(_ text: String) { #expect(workers(text).isEmpty) }

  @Test("only a worker of this machine is picked, and each in its turn; the same seed picks the same")
  func pick() {
    let programs: [Int32: String] = [
      10: "/usr/bin/wsserver", 11: "/usr/bin/vim", 12: "/opt/sluice/wsserver (deleted)",
      13: "/opt/wsserver/other", 14: "/usr/bin/wsserver-old",
    ]
    var random = SplitMix64(seed: 1)
    let picked = (0..<100).map { _ in WorkerChoice.pick([9, 10, 11, 12, 13, 14], &random) { programs[$0] } }
    #expect(Set(picked) == [10, 12])
    var again = SplitMix64(seed: 1)
    #expect(
      picked.map { _ in WorkerChoice.pick([9, 10, 11, 12, 13, 14], &again) { programs[$0] } } == picked)
    #expect(WorkerChoice.pick([9, 11], &random) { programs[$0] } == nil)
    #expect(WorkerChoice.pick([], &random) { programs[$0] } == nil)
  }

  @Test("a process of this machine is known by the file it runs; one that is not there is not")
  func program() {
    #expect(ProcessFiles.program(of: ownProcess)?.contains("/") == true)
    #expect(ProcessFiles.program(of: .max) == nil)
  }
}
