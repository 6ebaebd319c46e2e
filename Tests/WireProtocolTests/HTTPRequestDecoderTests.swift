import Testing
import WireProtocol

@Suite struct HTTPRequestDecoderTests {
  static let wires = [
    "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
      + "5;x=\"y\"\r\nhello\r\n00A\r\n, 10 bytes\r\n0\r\nTrailer: t\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi",
    "\r\nGET / HTTP/1.0\r\n\r\n",
    "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPUT /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx\r\n"
      + "DELETE /3 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length : 1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiX\n0\r\n\r\n",
  ]

  @Test("a request is the same at each split point and byte by byte", arguments: wires)
  func splits(wire: String) {
    let bytes = Array(wire.utf8)
    let whole = read(bytes)
    #expect(whole.rest == 0)
    #expect(whole.error != nil || !whole.requests.isEmpty)
    for cut in 0...bytes.count {
      let split = read(bytes, cutAt: [cut])
      #expect(split == whole, "cut at \(cut)")
    }
    let byteWise = read(bytes, cutAt: Array(0...bytes.count))
    #expect(byteWise == whole)
  }

  @Test(
    "a body is taken out of its framing", arguments: [(1, "hello"), (2, ""), (3, "hello, 10 bytes"), (4, "")])
  func bodies(index: Int, body: String) throws {
    let request = try #require(read(Self.wires[index]).requests.first)
    #expect(request.method == .post)
    #expect(request.body == Array(body.utf8))
  }

  @Test("pipelined requests come out one by one")
  func pipelined() {
    let requests = read(Self.wires[7]).requests
    #expect(requests.map(\.method) == [.get, .put, .delete])
    #expect(requests.map(\.target.rawPath) == ["/1", "/2", "/3"])
    #expect(requests.map(\.body) == [[], Array("x".utf8), []])
  }

  @Test("what follows a request is left to the caller")
  func rest() throws {
    var decoder = RequestDecoder()
    let head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    let step = try decoder.decode(Array((head + "\u{1}\u{2}").utf8).span)
    guard case .request(_, let used) = step else {
      Issue.record("no request but \(step)")
      return
    }
    #expect(used == head.utf8.count)
    #expect(!decoder.isInsideRequest)
  }

  @Test("a client that waits is invited once, and only if there is a body to wait for")
  func expectation() {
    #expect(read(Self.wires[5]).invitations == 1)
    #expect(read("GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").invitations == 0)
    #expect(read("GET / HTTP/1.0\r\nExpect: anything\r\n\r\n").error == nil)
  }

  @Test("a connection knows whether a request has begun")
  func inside() throws {
    var decoder = RequestDecoder()
    #expect(!decoder.isInsideRequest)
    _ = try decoder.decode([UInt8(ascii: "G")].span)
    #expect(decoder.isInsideRequest)
  }

  @Test(
    "the connection stays as version and Connection say",
    arguments: [
      ("HTTP/1.1\r\nHost: h", true), ("HTTP/1.1\r\nHost: h\r\nConnection: Close", false),
      ("HTTP/1.0", false), ("HTTP/1.0\r\nConnection: keep-alive", true),
      ("HTTP/1.0\r\nConnection: keep-alive, close", false),
    ])
  func keepAlive(rest: String, expected: Bool) throws {
    let request = try #require(onlyRequest("GET / \(rest)\r\n\r\n"))
    #expect(request.keepAlive == expected)
  }

  @Test("an error stays: the connection has to be closed")
  func errorStays() {
    var decoder = RequestDecoder()
    #expect(throws: HTTPError.bareLineFeed) { try decoder.decode(Array("G\n".utf8).span) }
    #expect(throws: HTTPError.bareLineFeed) { try decoder.decode(Array(Self.wires[0].utf8).span) }
  }

  @Test(
    "a refusal of HEAD has no body, wherever the request goes wrong; of others it has one",
    arguments: [
      "HEAD / HTTP/1.1\r\n\r\n", "\r\nHEAD /%zz HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD /\n",
      "HEAD / HTTP/1.1\r\nA B\r\n\r\n",
      "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n",
      "HEAD / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nX",
      "HEAD /" + String(repeating: "a", count: 300),
    ])
  func refusalOfHead(wire: String) {
    for (method, omits) in [("HEAD", true), ("GET", false), ("HEADER", false)] {
      let bytes = Array(wire.replacing("HEAD", with: method).utf8)
      for cut in 0...bytes.count {
        var decoder = RequestDecoder(limits: HTTPLimits(headBytes: 100, bodyBytes: 8))
        // A whole request of the other kind was here before.
        _ = try? decoder.decode(Array("\(omits ? "GET" : "HEAD") / HTTP/1.1\r\nHost: h\r\n\r\n".utf8).span)
        let refused = [bytes[..<cut], bytes[cut...]].contains { part in
          (try? decoder.decode(Array(part).span)) == nil
        }
        #expect(refused && decoder.refusalForm.omitsBody == omits, "\(method), cut at \(cut)")
      }
    }
  }

  @Test("a head may be as large as its limit and not a byte larger")
  func headLimit() {
    let wire = Self.wires[0]
    let size = wire.utf8.count
    #expect(read(wire, limits: HTTPLimits(headBytes: size)).requests.count == 1)
    #expect(read(wire, limits: HTTPLimits(headBytes: size - 1)).error == .headTooLarge)
  }

  @Test("a head may have as many fields as its limit and not one more")
  func fieldLimit() {
    let wire = "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n"
    #expect(read(wire, limits: HTTPLimits(fieldCount: 3)).requests.count == 1)
    #expect(read(wire, limits: HTTPLimits(fieldCount: 2)).error == .tooManyFields)
  }

  @Test("a body may be as large as its limit and not a byte larger", arguments: [1, 3])
  func bodyLimit(index: Int) throws {
    let wire = Self.wires[index]
    let size = try #require(read(wire).requests.first).body.count
    #expect(read(wire, limits: HTTPLimits(bodyBytes: size)).requests.count == 1)
    #expect(read(wire, limits: HTTPLimits(bodyBytes: size - 1)).error == .bodyTooLarge)
  }

  @Test("extensions and trailers of chunks are bounded together")
  func chunkOverhead() {
    let limits = HTTPLimits(headBytes: 100)
    let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    let long = String(repeating: "x", count: 101)
    let many = String(repeating: "1;abcdefghij\r\nx\r\n", count: 11)
    #expect(read(head + "1;\(long)\r\n", limits: limits).error == .headTooLarge)
    #expect(read(head + many, limits: limits).error == .headTooLarge)
    #expect(read(head + "0\r\nT: \(long)\r\n\r\n", limits: limits).error == .headTooLarge)
  }
}
