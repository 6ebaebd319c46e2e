import Testing
import WireProtocol

@Suite struct CloseCodeTests {
  @Test("exactly the registered and private codes may be sent")
  func allowed() {
    for value in UInt16.min...UInt16.max {
      let expected =
        (1000...1003).contains(value) || (1007...1014).contains(value) || (3000...4999).contains(value)
      if CloseCode(rawValue: value).isAllowedOnTheWire != expected { Issue.record("\(value)") }
    }
  }
}
