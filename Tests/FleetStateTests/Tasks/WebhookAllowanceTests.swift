import Testing

@testable import FleetState

@Suite struct WebhookAllowanceTests {
  @Test(
    "a URL is read in one way",
    arguments: [
      ("http://127.0.0.1:9/x?y=1", false, "127.0.0.1", 9, "/x?y=1", "127.0.0.1:9"),
      ("HTTPS://Hooks.Example.com", true, "hooks.example.com", 443, "/", "hooks.example.com"),
      ("http://[::1]:80/", false, "::1", 80, "/", "[::1]"),
      ("https://a:8443?q", true, "a", 8443, "/?q", "a:8443"),
    ])
  func url(
    _ text: String, _ secure: Bool, _ host: String, _ port: UInt16, _ path: String, _ authority: String
  ) throws {
    let url = try #require(WebhookURL(text))
    #expect(url.isSecure == secure && url.host == host && url.port == port && url.path == path)
    #expect(url.authority == authority)
  }

  @Test(
    "what could be read in two ways is no URL",
    arguments: [
      "", "http://", "ftp://a/", "http:a", "//a/", "http://a@b/", "http://a:b@c/", "http://a:/",
      "http://a:0/",
      "http://a:65536/", "http://a:+80/", "http://a b/", "http://a/#f", #"http://a\@b/"#, "http://[::1/",
      "http://[a]/",
      "http://[::1]x/", "http://a_b/", "http://é/", "http://a/\r\nX: y", "http://a/\u{0}",
    ])
  func noURL(_ text: String) { #expect(WebhookURL(text) == nil) }

  @Test("a URL has its bound")
  func bound() {
    #expect(WebhookURL("http://a/" + String(repeating: "x", count: 2039)) != nil)
    #expect(WebhookURL("http://a/" + String(repeating: "x", count: 2040)) == nil)
  }

  private func address(_ url: String, _ words: String...) throws -> String? {
    let allowance = try #require(WebhookAllowance(words))
    return allowance.address(of: try #require(WebhookURL(url)))
  }

  @Test("only what is listed is reachable, at the address that is listed")
  func listed() throws {
    #expect(try address("http://127.0.0.1/") == nil)
    #expect(try address("http://127.0.0.1/", "127.0.0.1") == "127.0.0.1")
    #expect(try address("https://127.0.0.1/", "127.0.0.1") == "127.0.0.1")
    #expect(try address("http://127.0.0.1:8080/", "127.0.0.1") == nil)
    #expect(try address("http://127.0.0.1:8080/", "127.0.0.1:8080") == "127.0.0.1")
    #expect(try address("http://127.0.0.1/", "127.0.0.1:8080") == nil)
    #expect(try address("http://HOOKS.example/", "hooks.example=203.0.113.7") == "203.0.113.7")
    #expect(try address("http://203.0.113.7/", "hooks.example=203.0.113.7") == nil)
    #expect(try address("http://a.hooks.example/", "hooks.example=203.0.113.7") == nil)
    #expect(try address("http://[::1]:9/", "[::1]:9") == "::1")
    #expect(try address("https://a:9/", "b=10.0.0.1", "a:9=[fe80::1]") == "fe80::1")
  }

  @Test(
    "other ways to write an address are other hosts",
    arguments: [
      "http://127.1/", "http://0x7f.0.0.1/", "http://2130706433/", "http://127.0.0.1./", "http://localhost/",
    ])
  func disguised(_ url: String) throws { #expect(try address(url, "127.0.0.1") == nil) }

  @Test(
    "a list with a name and no address, or with no host, is refused",
    arguments: [
      "", "example.com", "example.com=", "example.com=other", "a=1.2.3", "a=256.1.1.1", "http://a=1.1.1.1",
      "=1.1.1.1", "1.2.3.4:0", "01.2.3.4",
    ])
  func refused(_ word: String) { #expect(WebhookAllowance([word]) == nil) }
}
