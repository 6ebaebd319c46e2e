import Testing

@testable import Server

@Suite struct FaultTests {
  @Test("a drill names its kind and its text, which may have colons of its own")
  func reading() {
    #expect(Fault("trap:boom")?.kind == .trap)
    #expect(Fault("hang:a:b")?.text == Array("a:b".utf8))
    for value in ["", "trap", "trap:", "burn:x", "Trap:x", ":x"] { #expect(Fault(value) == nil, "\(value)") }
  }

  @Test("only the very text is meant", arguments: ["", "boo", "boom!", "Boom", "booM", " boom"])
  func meaning(text: String) throws {
    let fault = try #require(Fault("trap:boom"))
    let isMeant = fault.isMeant(text.utf8.span)
    #expect(!isMeant)
    let same = "boom"
    let isSame = fault.isMeant(same.utf8.span)
    #expect(isSame)
  }
}
