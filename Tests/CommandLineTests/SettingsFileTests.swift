import Testing

@testable import CommandLine

@Suite struct SettingsFileTests {
  @Test("comments, quotes, export and blanks")
  func lines() throws {
    let text = """
      # a comment
      A=1
      export B = two words # and a comment
      C="with # inside"

      D='it'  # and a comment
      E=
      """
    let file = try SettingsFile(text, name: ".env")
    #expect(file.values == ["A": ["1"], "B": ["two words"], "C": ["with # inside"], "D": ["it"], "E": [""]])
  }

  @Test("lines may end as on Windows")
  func carriageReturns() throws {
    let file = try SettingsFile("A=1\r\nB=\"2\"\r\n\r\nC=3", name: ".env")
    #expect(file.values == ["A": ["1"], "B": ["2"], "C": ["3"]])
    #expect(throws: UsageError(".env line 3: expected NAME=value")) {
      try SettingsFile("A=1\r\n\r\nnonsense\r\n", name: ".env")
    }
  }

  @Test(
    "a bad line is named by its number",
    arguments: [
      ("A=1\nnonsense", ".env line 2: expected NAME=value"),
      ("A B=1", ".env line 1: 'A B' is no name of a setting"),
      ("\n\nA=\"open", ".env line 3: a quote is not closed"),
      ("A='it''", ".env line 1: something follows the closing quote"),
      ("A=\"x\" y", ".env line 1: something follows the closing quote"),
      ("=x", ".env line 1: '' is no name of a setting"),
    ])
  func mistakes(_ text: String, _ line: String) {
    #expect(throws: UsageError(line)) { try SettingsFile(text, name: ".env") }
  }

  @Test("bytes that are no text, and more than fit, are named")
  func bytes() throws {
    let sound = Array("A=1\nB=ä\n".utf8)
    #expect(try SettingsFile(sound, name: ".env").values == ["A": ["1"], "B": ["ä"]])
    for cut in 0..<sound.count {
      #expect(throws: UsageError.self, "cut at \(cut)") {
        try SettingsFile(Array(sound[..<cut]) + [0xE4] + sound[cut...], name: ".env")
      }
    }
    #expect(throws: UsageError("f line 3: not UTF-8")) {
      try SettingsFile(sound + Array("C=".utf8) + [0xFF, 10, 0xFF], name: "f")
    }
    let most = Array("A=1\n".utf8) + [UInt8](repeating: 10, count: SettingsFile.mostBytes - 4)
    #expect(try SettingsFile(most, name: "f").values == ["A": ["1"]])
    #expect(throws: UsageError("f: more than 1 MiB is no file of settings")) {
      try SettingsFile(most + [10], name: "f")
    }
  }
}
