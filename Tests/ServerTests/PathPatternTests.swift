import Testing

@testable import Server

@Suite struct PathPatternTests {
  @Test(
    "words match a pattern one by one, and a name in braces is any one word",
    arguments: [
      ("/", [], true), ("/", ["a"], false), ("/a", [], false), ("/a", ["a"], true), ("/a", ["b"], false),
      ("/a", ["ab"], false), ("/ab", ["a"], false), ("/a", ["a", "b"], false), ("/a/b", ["a"], false),
      ("/a/b", ["a", "b"], true), ("/a/{x}", ["a", "b"], true), ("/a/{x}", ["a"], false),
      ("/a/{x}", ["b", "b"], false), ("/a/{x}/c", ["a", "b/c"], false), ("/a/{x}/c", ["a", "b", "c"], true),
      ("/a/{x}/c", ["a", "c"], false), ("/{x}/{y}", ["ä", "🛰"], true), ("/{x}", ["{x}"], true),
    ] as [(String, [String], Bool)])
  func match(_ pattern: String, _ words: [String], _ isMatch: Bool) {
    let matches = PathPattern(stringLiteral: pattern) ~= words
    #expect(matches == isMatch)
  }
}
