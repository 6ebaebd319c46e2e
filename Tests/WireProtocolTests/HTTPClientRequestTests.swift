import Testing
import WireProtocol

@Suite struct HTTPClientRequestTests {
  @Test("our own server reads what our client sends")
  func roundTrip() throws {
    let sent = ClientRequest(
      .post, host: "h:8000", path: "/hook?x=1", fields: [HeaderField("X-A", "b")], body: Array("hello".utf8))
    let got = try #require(onlyRequest(rendered { sent.render(into: &$0) }))
    #expect(got.method == .post)
    #expect(got.target.raw == "/hook?x=1")
    #expect(got.fields["Host"] == "h:8000")
    #expect(got.fields["X-A"] == "b")
    #expect(got.body == Array("hello".utf8))
  }

  @Test("a request that ought to have a body says when it has none")
  func emptyBody() {
    let post = rendered { ClientRequest(.post, host: "h", path: "/").render(into: &$0) }
    let get = rendered { ClientRequest(.get, host: "h", path: "").render(into: &$0) }
    #expect(post == "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
    #expect(get == "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
  }

  @Test("no text from outside carries a second line to the wire")
  func injection() {
    let request = ClientRequest(.other("G\r\nET"), host: "h\r\nEvil: 1", path: "/a b\r\n#\u{E9}")
    let text = rendered { request.render(into: &$0) }
    #expect(text == "GET /a%20b%0D%0A%23%C3%A9 HTTP/1.1\r\nHost: hEvil:1\r\n\r\n")
  }
}
