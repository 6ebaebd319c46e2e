import Bytes
import Testing

@Suite struct PrintableTests {
  @Test(
    "nothing that steers a terminal gets through",
    arguments: ["\u{1B}[2J", "a\nb", "\u{9B}31m", "\u{202E}gpj", "\u{200B}", "\u{7F}", "\u{2028}"])
  func harmful(text: String) {
    #expect(printable(text).contains("\u{FFFD}"))
    #expect(!printable(text).unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
  }

  @Test("ordinary text stays as it is")
  func ordinary() {
    #expect(printable("grüß 🛰 ok") == "grüß 🛰 ok")
  }

  @Test("bytes that are no UTF-8 are replaced, and long text is cut")
  func bytes() {
    #expect(printable([0x61, 0xFF, 0x62].span) == "a\u{FFFD}b")
    #expect(printable(String(repeating: "x", count: 500), limit: 3) == "xxx…")
  }
}
