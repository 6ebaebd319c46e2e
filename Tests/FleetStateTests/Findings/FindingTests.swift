import Testing

@testable import FleetState

@Suite struct FindingTests {
  @Test("a finding is one harmless line, and all of them one JSON object")
  func rendering() {
    let evil = Finding.fail("redis", "a\n\u{1B}[2Jb", "do this")
    #expect(evil.line.split(separator: "\n").count == 1)
    #expect(!evil.line.unicodeScalars.dropLast().contains { $0.value < 32 })
    #expect([evil].json.contains("\"ok\": false"))
    #expect([Finding.ok("a", "b")].isWell)
  }
}
