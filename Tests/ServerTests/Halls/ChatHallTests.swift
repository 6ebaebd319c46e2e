import Bytes
import Testing

@testable import Server

@Suite struct ChatHallTests {
  @Test(
    "blanks around a text are nothing, and nothing else is nothing",
    arguments: [
      ("", nil), (" ", nil), ("\t\r\n\u{B}\u{C} ", nil), ("\u{3000}", nil), ("\u{A0}\u{2003}", nil),
      ("x", "x"),
      ("  a b \n", "a b"), ("\u{200B}", "\u{200B}"), ("\u{3000}x", "\u{3000}x"), ("\u{0}", "\u{0}"),
    ] as [(String, String?)])
  func trimmed(_ text: String, _ words: String?) {
    let bytes = Array(text.utf8)
    var found: [UInt8]?
    if let words = ChatHall.trimmed(bytes.span) { found = words.copied() }
    #expect(found == words.map { Array($0.utf8) })
  }
}
