import Testing
import WireProtocol

@Suite struct HTTPSmugglingTests {
  @Test(
    "an ambiguous or malformed head is refused for its own reason",
    arguments: [
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1 1\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", .contentLength),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n", .bodyTooLarge),
      ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", .bodyTooLarge),
      (
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        .ambiguousLength
      ),
      ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", .transferCoding),
      ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferCoding),
      ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", .transferCoding),
      ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", .transferCoding),
      ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n\r\n", .transferCoding),
      (
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        .transferCoding
      ),
      ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferCoding),
      ("GET / HTTP/1.1\nHost: h\n\n", .bareLineFeed),
      ("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", .bareLineFeed),
      ("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", .bareCarriageReturn),
      ("GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", .bareCarriageReturn),
      ("GET / HTTP/1.1\r\nHost: h\0\r\n\r\n", .controlByte),
      ("GET / HTTP/1.1\r\nHost: h\u{7F}\r\n\r\n", .controlByte),
      ("GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", .foldedField),
      ("GET / HTTP/1.1\r\n\tHost: h\r\n\r\n", .foldedField),
      ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", .fieldName),
      ("GET / HTTP/1.1\r\nHost: h\r\n: v\r\n\r\n", .fieldName),
      ("GET / HTTP/1.1\r\nHost: h\r\nnocolon\r\n\r\n", .fieldName),
      ("GET / HTTP/1.1\r\nHost: h\r\nb(d: v\r\n\r\n", .fieldName),
      ("GET / HTTP/1.1\r\n\r\n", .host),
      ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .host),
      ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", .host),
      ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .host),
      ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .host),
      ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .host),
      ("G(T / HTTP/1.1\r\nHost: h\r\n\r\n", .method),
      (" GET / HTTP/1.1\r\nHost: h\r\n\r\n", .method),
      ("GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", .requestLine),
      ("GET /\r\nHost: h\r\n\r\n", .requestLine),
      ("GET\r\n\r\n", .requestLine),
      ("GET  / HTTP/1.1\r\nHost: h\r\n\r\n", .target),
      ("GET / HTTP/1.1 \r\nHost: h\r\n\r\n", .version),
      ("GET / x HTTP/1.1\r\nHost: h\r\n\r\n", .version),
      ("GET / http/1.1\r\nHost: h\r\n\r\n", .version),
      ("GET / HTTP/11\r\nHost: h\r\n\r\n", .version),
      ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", .unsupportedVersion),
      ("GET / HTTP/1.2\r\nHost: h\r\n\r\n", .unsupportedVersion),
      ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .target),
      ("GET / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\n\r\n", .expectation),
      ("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", .blankLines),
    ] as [(String, HTTPError)])
  func refused(wire: String, error: HTTPError) {
    let reading = read(wire)
    #expect(reading.error == error)
    #expect(reading.requests.isEmpty)
  }

  @Test(
    "a malformed chunk is refused",
    arguments: [
      ("\r\n", .chunk), (";x\r\n", .chunk), ("g\r\n", .chunk), ("-1\r\n", .chunk), ("0x1\r\n", .chunk),
      ("1 \r\nx\r\n", .chunk), ("1\nx\r\n", .chunk), ("1\rx", .chunk), ("1\r\nxy\r\n", .chunk),
      ("1\r\nx\n", .chunk), ("1\r\nx\rx", .chunk), ("1;\u{0}\r\n", .chunk), ("1;a\nb\r\n", .chunk),
      ("00000000000000000\r\n", .chunk), ("ffffffffffffffff\r\n", .bodyTooLarge),
      ("8000000000000000\r\n", .bodyTooLarge), ("0\r\nbad trailer\r\n\r\n", .trailer),
      ("0\r\n folded: x\r\n\r\n", .trailer), ("0\r\nA: b\n\r\n", .bareLineFeed),
    ] as [(String, HTTPError)])
  func chunks(body: String, error: HTTPError) {
    let reading = read("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    #expect(reading.error == error)
    #expect(reading.requests.isEmpty)
  }

  @Test("a trailer cannot pose as a field")
  func trailerDiscarded() throws {
    let wire = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Admin: 1\r\n\r\n"
    let request = try #require(onlyRequest(wire))
    #expect(request.fields["X-Admin"] == nil)
  }

  @Test(
    "each error has the status a client can act on",
    arguments: [
      (HTTPError.headTooLarge, 431), (.tooManyFields, 431), (.bodyTooLarge, 413), (.expectation, 417),
      (.unsupportedVersion, 505), (.ambiguousLength, 400), (.host, 400),
    ])
  func status(error: HTTPError, code: Int) {
    #expect(error.status.code == code)
    #expect(error.response.body == Array((error.reason + "\n").utf8))
  }

  @Test(
    "no mutation traps, and pieces never change the verdict",
    arguments: [0x5EED_0001, 0x5EED_0002] as [UInt64])
  func mutations(seed: UInt64) {
    var random = SeededBytes(state: seed)
    let wires = HTTPRequestDecoderTests.wires.map { Array($0.utf8) }
    var refusals = 0
    for round in 0..<50_000 {
      var wire = wires[random.below(wires.count)]
      for _ in 0...random.below(3) {
        wire[random.below(wire.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      let whole = read(wire)
      let split = read(wire, cutAt: [random.below(wire.count)])
      if whole.error != nil { refusals += 1 }
      if split != whole { Issue.record("seed \(seed), round \(round): \(wire)") }
    }
    #expect(refusals > 1000)
  }

  @Test("no single wrong bit traps", arguments: HTTPRequestDecoderTests.wires)
  func wrongBits(wire: String) {
    let bytes = Array(wire.utf8)
    for index in bytes.indices {
      for bit in 0..<8 {
        var wrong = bytes
        wrong[index] ^= 1 << bit
        let whole = read(wrong)
        let byteWise = read(wrong, cutAt: Array(0...wrong.count))
        if whole != byteWise { Issue.record("bit \(bit) of byte \(index)") }
      }
    }
  }
}
