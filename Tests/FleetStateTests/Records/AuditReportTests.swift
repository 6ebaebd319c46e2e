import JSONText
import Testing

@testable import FleetState

@Suite struct AuditReportTests {
  private func example() -> AuditReport {
    var report = AuditReport(checked: 500)
    report.add(.init(slot: 1, what: "ghost", count: 2, fixed: 2, text: "2 sockets are listed and not there"))
    report.add(.init(what: "count", text: "the host says 501"))
    return report
  }

  private func json(_ report: AuditReport) -> String {
    var writer = JSONWriter()
    report.write(to: &writer)
    return writer.text
  }

  @Test("it survives its JSON, whose shape is this")
  func roundTrip() {
    let text = json(example())
    #expect(
      text
        == #"{"checked":500,"findings":[{"slot":1,"what":"ghost","count":2,"fixed":2,"text":"2 sockets are listed and not there"},{"what":"count","count":1,"fixed":0,"text":"the host says 501"}],"omitted":0}"#
    )
    #expect(AuditReport(json: text) == example())
  }

  @Test("clean is what has nothing left to put right")
  func clean() {
    #expect(!example().isClean)
    var fixed = AuditReport(checked: 3)
    #expect(fixed.isClean && fixed.sentence == "3 sockets checked, nothing found")
    fixed.add(.init(what: "ghost", count: 2, fixed: 9, text: ""))
    #expect(fixed.isClean && fixed.sentence == "3 sockets checked, 1 finding, 1 fixed")
  }

  @Test("every JSON cut short or with a wrong byte is refused or harmless")
  func damaged() {
    let bytes = Array(json(example()).utf8)
    for length in 0..<bytes.count {
      #expect(AuditReport(json: String(decoding: bytes.prefix(length), as: UTF8.self)) == nil)
    }
    for index in bytes.indices {
      for bit in 0..<8 {
        var wrong = bytes
        wrong[index] ^= 1 << bit
        guard let report = AuditReport(json: String(decoding: wrong, as: UTF8.self)) else { continue }
        #expect(report.checked >= 0 && report.findings.allSatisfy { $0.fixed <= $0.count })
      }
    }
  }

  @Test(
    "made-up reports are refused",
    arguments: [
      "[]", "{}", #"{"checked":-1}"#, #"{"checked":1,"findings":[1]}"#,
      #"{"checked":1,"findings":[{"what":"x","count":0}]}"#,
      #"{"checked":1,"findings":[{"what":"x","count":1,"slot":1024}]}"#,
      #"{"checked":1,"findings":[{"count":1}]}"#, #"{"checked":1.5}"#,
    ])
  func refused(_ text: String) { #expect(AuditReport(json: text) == nil) }
}
