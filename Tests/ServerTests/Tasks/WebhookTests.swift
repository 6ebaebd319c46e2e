import Bytes
import EventLoop
import FleetState
import Testing
import WireProtocol

@testable import Server

/// One letter to a receiver that answers what the test says.
@Suite struct WebhookTests {
  private func outcome(of answer: String, inPieces: Bool = false) throws -> TaskSettlement.Outcome {
    let loop = try EventLoop()
    let socket = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let port = try #require(Socket.localPort(of: socket.number))
    var peers: [ByteStream] = []
    var heard: [UInt8] = []
    let listener = Listener(loop, socket: socket.number) { peer in
      guard let stream = try? ByteStream(loop, adopting: peer) else { return }
      peers.append(stream)
      stream.onBytes = { bytes in
        heard += bytes.copied()
        if heard.suffix(4) != Array("null".utf8) { return bytes.count }
        for piece in inPieces ? answer.map(String.init) : [answer] { stream.write { $0.append(piece) } }
        loop.after(.milliseconds(5)) { stream.close() }
        return bytes.count
      }
    }
    try listener.resume()
    let outcome = try send(loop, port: port)
    let text = String(decoding: heard, as: UTF8.self)
    #expect(text.hasPrefix("POST /in?x=1 HTTP/1.1\r\nHost: hooks.example:\(port)\r\n"))
    #expect(text.contains("\r\nIdempotency-Key: 7f\r\n") && text.contains("\r\nSluice-Attempt: 3\r\n"))
    #expect(text.hasSuffix("\r\nContent-Length: 4\r\n\r\nnull"))
    return outcome
  }

  private func send(_ loop: EventLoop, port: UInt16) throws -> TaskSettlement.Outcome {
    let url = try #require(WebhookURL("http://hooks.example:\(port)/in?x=1"))
    let letter = Webhook.Letter(
      url: url, address: "127.0.0.1", body: "null", task: try #require(Name("7f")), attempt: 3)
    let webhook = Webhook(loop, context: nil)
    var outcomes: [TaskSettlement.Outcome] = []
    webhook.send(letter) { outcomes.append($0) }
    let start = Moment.current
    while outcomes.isEmpty, Moment.current.duration(since: start) < .seconds(20) {
      try loop.turn(waitingAtMost: .milliseconds(20))
    }
    for _ in 0..<3 { try loop.turn(waitingAtMost: .milliseconds(10)) }
    #expect(outcomes.count == 1, "told exactly once")
    return try #require(outcomes.first)
  }

  @Test(
    "a whole answer is judged by its status",
    arguments: [
      ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", TaskSettlement.Outcome.done),
      ("HTTP/1.1 204 No Content\r\n\r\n", .done), ("HTTP/1.0 200 OK\r\n\r\nuntil the end", .done),
      ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", .done),
      (
        "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        .refused(reason: "the receiver answered 302")
      ),
      ("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", .failed(reason: "the receiver answered 503")),
    ])
  func judged(_ answer: String, _ outcome: TaskSettlement.Outcome) throws {
    #expect(try self.outcome(of: answer) == outcome)
    #expect(try self.outcome(of: answer, inPieces: true) == outcome)
  }

  @Test(
    "what is no whole answer is a failure that may pass",
    arguments: [
      ("", 0, ""), ("HTTP/1.1 200 OK\r\n", 0, ""), ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", 0, ""),
      ("hello\r\n\r\n", 0, ""), ("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n", 70_000, ""),
      ("HTTP/1.1 200 OK\r\nX: ", 17_000, "\r\n\r\n"),
    ])
  func noAnswer(_ begin: String, _ filling: Int, _ end: String) throws {
    let outcome = try outcome(of: begin + String(repeating: "x", count: filling) + end)
    guard case .failed = outcome else {
      Issue.record("\(begin.prefix(40)) was taken")
      return
    }
  }

  @Test("nobody listens: a failure, told once")
  func refused() throws {
    let socket = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let port = try #require(Socket.localPort(of: socket.number))
    _ = consume socket
    #expect(try send(EventLoop(), port: port) == .failed(reason: "nobody listens there"))
  }

  @Test(
    "which answers are tried again",
    arguments: [
      (200, TaskSettlement.Outcome.done), (299, .done), (304, .refused(reason: "the receiver answered 304")),
      (400, .refused(reason: "the receiver answered 400")),
      (408, .failed(reason: "the receiver answered 408")),
      (429, .failed(reason: "the receiver answered 429")),
      (599, .failed(reason: "the receiver answered 599")),
    ])
  func judge(_ code: Int, _ outcome: TaskSettlement.Outcome) {
    #expect(Webhook.judge(HTTPStatus(code)) == outcome)
  }
}
