import Testing

@testable import FleetState

@Suite struct ClientIDTests {
  @Test(
    "what people call themselves is allowed",
    arguments: [
      "a", "user123", "ada@example.org", "ünïcode", "日本", "-", "a.b:c+d=e", String(repeating: "x", count: 64),
    ])
  func allowed(_ text: String) {
    #expect(ClientID(text)?.text == text)
    let read = ClientID(Array(text.utf8).span)
    #expect(read?.text == text)
  }

  @Test(
    "what could be misread is not",
    arguments: [
      "", " ", "a b", "a/b", "a\n", "a\u{0}", "a\u{7F}", "a\u{85}", "a\u{A0}", "\u{202E}abc", "a\u{2028}b",
      "\u{3000}",
      String(repeating: "x", count: 65), String(repeating: "ü", count: 33),
    ])
  func refused(_ text: String) { #expect(ClientID(text) == nil) }

  @Test(
    "two spellings of what looks the same are two names, as in Redis",
    arguments: [("\u{E9}", "e\u{301}"), ("K", "\u{212A}")])
  func spellings(_ one: String, _ other: String) throws {
    let (first, second) = try (#require(ClientID(one)), #require(ClientID(other)))
    #expect(first != second)
    #expect(Set([first, second]).count == 2)
    #expect((first < second) != (second < first))
    #expect([second, first].sorted() == [first, second].sorted())
  }

  @Test("bytes that are no text are nobody's name")
  func notText() {
    let read = ClientID([0xC3, 0x28].span)
    #expect(read == nil)
  }
}
