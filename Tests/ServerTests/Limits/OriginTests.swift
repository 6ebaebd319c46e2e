import Testing

@testable import Server

@Suite struct OriginTests {
  @Test(
    "the same place in other letters, or with its standard port, is the same",
    arguments: [
      ("https://app.example", "HTTPS://App.Example:443"), ("http://a:80", "http://a"),
      ("http://[::1]:80", "http://[::1]"), ("wss://a", "wss://a:443"),
    ])
  func same(_ a: String, _ b: String) throws {
    #expect(try #require(Origin(a)) == #require(Origin(b)))
  }

  @Test(
    "another scheme, host or port is another place",
    arguments: [
      "http://app.example", "https://app.example:8443", "https://app.example.evil.example",
      "https://evil-app.example", "https://app.exampl", "https://sub.app.example", "https://app.example.",
    ])
  func other(_ text: String) throws {
    #expect(try #require(Origin(text)) != #require(Origin("https://app.example")))
  }

  @Test(
    "what names no place is none",
    arguments: [
      "", "null", "app.example", "https://", "https://:443", "https://a:0", "https://a:65536", "https://a:x",
      "https://a/", "https://a/b", "https://u@a", "https://a b", "ftp://a", "https://a:1:2", "https://ä",
      "https://a#b", "https://a\\b", "https://a:+1", "https://a:",
    ])
  func none(_ text: String) {
    #expect(Origin(text) == nil)
  }
}
