import Testing
import WireProtocol

@Suite struct HTTPResponseTests {
  @Test(
    "a response tells its length and whether the connection stays",
    arguments: [
      (ReplyForm(persistence: .implied), "", "hi"), (ReplyForm.last, "Connection: close\r\n", "hi"),
      (ReplyForm(persistence: .stated), "Connection: keep-alive\r\n", "hi"),
      (ReplyForm(omitsBody: true, persistence: .implied), "", ""),
    ])
  func forms(form: ReplyForm, connection: String, body: String) {
    let text = rendered { Response.text(.ok, "hi").render(into: &$0, as: form) }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n"
    #expect(text == head + connection + "\r\n" + body)
  }

  @Test(
    "the reply has the form its request asked for",
    arguments: [
      ("GET / HTTP/1.1\r\nHost: h", ReplyForm(persistence: .implied)),
      ("HEAD / HTTP/1.1\r\nHost: h", ReplyForm(omitsBody: true, persistence: .implied)),
      ("GET / HTTP/1.1\r\nHost: h\r\nConnection: close", ReplyForm.last),
      ("GET / HTTP/1.0", ReplyForm.last),
      ("GET / HTTP/1.0\r\nConnection: keep-alive", ReplyForm(persistence: .stated)),
    ])
  func replyForm(head: String, form: ReplyForm) throws {
    let request = try #require(onlyRequest(head + "\r\n\r\n"))
    #expect(request.replyForm == form)
  }

  @Test("204 and 304 end with their head", arguments: [HTTPStatus.noContent, .notModified])
  func bodiless(status: HTTPStatus) {
    let response = Response(status, body: [1])
    let text = rendered { response.render(into: &$0, as: ReplyForm(persistence: .implied)) }
    #expect(text == "HTTP/1.1 \(status.code) \(status.phrase)\r\n\r\n")
  }

  @Test("JSON is named so, and a client can be told to come again")
  func jsonAndRetry() {
    let response = Response.json(.serviceUnavailable, Array("{}".utf8).span).retrying(after: 3)
    let text = rendered { response.render(into: &$0, as: .last) }
    #expect(
      text == "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 3\r\n"
        + "Content-Length: 2\r\nConnection: close\r\n\r\n{}")
  }
}
