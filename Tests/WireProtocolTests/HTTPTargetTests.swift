import Testing
import WireProtocol

@Suite struct HTTPTargetTests {
  @Test(
    "the path is split at slashes and decoded after that",
    arguments: [
      ("/", []), ("/ws/chat", ["ws", "chat"]), ("/ws/chat/", ["ws", "chat"]), ("/a%2Fb/c", ["a/b", "c"]),
      ("/gr%C3%BC%C3%9Fe", ["grüße"]), ("/a//b", ["a", "", "b"]), ("/a+b", ["a+b"]),
      ("http://h:1/x/y?z", ["x", "y"]), ("ws://h", []), ("HTTPS://h?q=1", []),
    ] as [(String, [String])])
  func segments(target: String, expected: [String]) throws {
    let target = try #require(onlyRequest(target: target)).target
    #expect(target.segments == expected)
  }

  @Test("query items are found by their decoded name, in order")
  func query() throws {
    let target = try #require(onlyRequest(target: "/p?a=1&b=x+y%21&a=2&flag&=v&c=1=2&%61=3&")).target
    #expect(target.first("a") == "1")
    #expect(target.all("a") == ["1", "2", "3"])
    #expect(target.first("b") == "x y!")
    #expect(target.first("flag") == "")
    #expect(target.first("c") == "1=2")
    #expect(target.first("") == "v")
    #expect(target.first("absent") == nil)
    #expect(target.all("absent").isEmpty)
  }

  @Test("path and query are kept as they came")
  func raw() throws {
    let target = try #require(onlyRequest(target: "/a%20b/?c=%20")).target
    #expect(target.rawPath == "/a%20b/")
    #expect(target.raw == "/a%20b/?c=%20")
    #expect(target.hasTrailingSlash)
    let bare = try #require(onlyRequest(target: "http://host")).target
    #expect(bare.rawPath == "/")
    #expect(!bare.hasTrailingSlash)
  }

  @Test(
    "broken percent encoding is refused",
    arguments: ["/%", "/%4", "/%zz", "/%00", "/%ff", "/a?b=%", "/a?b=%C3", "/%C0%AF", "/%ED%A0%80"])
  func percent(target: String) {
    let reading = read("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(reading.error == .percentEncoding)
  }

  @Test(
    "what is no target is refused",
    arguments: ["a", "*", "/a#b", "ftp://h/", "http://", "http:///a", "http:/a", "/\u{E9}", "h:80", "?a"])
  func noTarget(target: String) {
    let reading = read("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(reading.error == .target)
  }

  @Test("OPTIONS alone may ask about the server itself")
  func asterisk() throws {
    let options = try #require(onlyRequest("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"))
    #expect(options.target.rawPath == "*")
  }
}
