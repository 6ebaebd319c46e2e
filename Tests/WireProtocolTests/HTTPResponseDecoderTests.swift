import Testing
import WireProtocol

@Suite struct HTTPResponseDecoderTests {
  private struct Reading: Equatable {
    var answers: [Answer] = []
    var error: HTTPError?
  }

  private func read(_ wire: [UInt8], cutAt cuts: [Int] = [], limits: HTTPLimits = HTTPLimits()) -> Reading {
    var decoder = ResponseDecoder(answering: .get, limits: limits)
    var reading = Reading()
    var used = 0
    do throws(HTTPError) {
      for end in cuts + [wire.count] {
        var wantsMore = false
        while !wantsMore {
          switch try decoder.decode(wire.span.extracting(used..<end)) {
          case .more(let count):
            used += count
            wantsMore = true
          case .answer(let answer, let count):
            used += count
            reading.answers.append(answer)
          }
        }
      }
      if let last = try decoder.finish() { reading.answers.append(last) }
    } catch {
      reading.error = error
    }
    return reading
  }

  private static let wires = [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: x\r\n\r\n",
    "HTTP/1.0 404 Not Here\r\n\r\nhi",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi",
  ]

  @Test("an answer is the same at each split point", arguments: wires)
  func splits(wire: String) throws {
    let bytes = Array(wire.utf8)
    let whole = read(bytes)
    let answer = try #require(whole.answers.first)
    #expect(whole.answers.count == 1)
    #expect(answer.body == Array("hi".utf8))
    for cut in 0...bytes.count {
      let split = read(bytes, cutAt: [cut])
      #expect(split == whole, "cut at \(cut)")
    }
    let byteWise = read(bytes, cutAt: Array(0...bytes.count))
    #expect(byteWise == whole)
  }

  @Test("an answer cut short is truncated, unless its end is the connection's", arguments: [0, 1, 3])
  func truncated(index: Int) {
    let bytes = Array(Self.wires[index].utf8)
    for count in 1..<bytes.count {
      let reading = read(Array(bytes[..<count]))
      // Between an interim answer and the final one nothing has begun.
      if reading.error == nil { #expect(reading.answers.isEmpty && index == 3, "cut at \(count)") }
      if reading.error != nil { #expect(reading.error == .truncated, "cut at \(count)") }
    }
  }

  @Test("a connection that ended with its answer carries no other")
  func untilClose() throws {
    let closed = try #require(read(Array("HTTP/1.1 200 OK\r\n\r\nhi".utf8)).answers.first)
    #expect(!closed.keepAlive)
    let kept = try #require(read(Array(Self.wires[0].utf8)).answers.first)
    #expect(kept.keepAlive)
  }

  @Test("101 is final, and what follows it is left to the caller")
  func switching() throws {
    var decoder = ResponseDecoder(answering: .get)
    let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    let step = try decoder.decode(Array((head + "frames").utf8).span)
    guard case .answer(let answer, let used) = step else {
      Issue.record("no answer but \(step)")
      return
    }
    #expect(answer.status == .switchingProtocols)
    #expect(used == head.utf8.count)
  }

  @Test("an answer to HEAD, a 204 and a 304 have no body, whatever they declare")
  func bodiless() throws {
    let head = "Content-Length: 9\r\n\r\n"
    #expect(try answer("HTTP/1.1 200 OK\r\n" + head, to: .head)?.body == [])
    #expect(try answer("HTTP/1.1 204 No\r\n" + head)?.body == [])
    #expect(try answer("HTTP/1.1 304 No\r\n" + head)?.body == [])
  }

  @Test(
    "a malformed answer is refused",
    arguments: [
      ("\r\n", .statusLine), ("HTTP/1.1 20 OK\r\n\r\n", .statusLine),
      ("HTTP/1.1 099 OK\r\n\r\n", .statusLine),
      ("HTTP/1.1 2000\r\n\r\n", .statusLine), ("HTTP/1.1  200 OK\r\n\r\n", .statusLine),
      ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion), ("ICY 200 OK\r\n\r\n", .statusLine),
      ("HTTX/1.1 200 OK\r\n\r\n", .version), ("HTTP/1.1 200 OK\n\n", .bareLineFeed),
      ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .contentLength),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .transferCoding),
    ] as [(String, HTTPError)])
  func refused(wire: String, error: HTTPError) {
    let reading = read(Array(wire.utf8))
    #expect(reading.error == error)
  }

  @Test("interim answers do not go on for ever")
  func interim() {
    let final = "HTTP/1.1 204 No\r\n\r\n"
    let eight = String(repeating: "HTTP/1.1 102 Wait\r\n\r\n", count: 8)
    #expect(read(Array((eight + final).utf8)).answers.count == 1)
    #expect(read(Array((eight + eight).utf8)).error == .tooManyInterimAnswers)
  }

  @Test("a body without a declared end is bounded too")
  func bound() {
    let wire = Array("HTTP/1.1 200 OK\r\n\r\nhi".utf8)
    #expect(read(wire, limits: HTTPLimits(bodyBytes: 2)).answers.count == 1)
    #expect(read(wire, limits: HTTPLimits(bodyBytes: 1)).error == .bodyTooLarge)
  }

  @Test("no mutation traps, and pieces never change the verdict", arguments: [0x5EED_0003] as [UInt64])
  func mutations(seed: UInt64) {
    var random = SeededBytes(state: seed)
    let wires = Self.wires.map { Array($0.utf8) }
    for round in 0..<10_000 {
      var wire = wires[random.below(wires.count)]
      for _ in 0...random.below(3) {
        wire[random.below(wire.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      let whole = read(wire)
      let split = read(wire, cutAt: [random.below(wire.count)])
      if split != whole { Issue.record("seed \(seed), round \(round): \(wire)") }
    }
  }
}
