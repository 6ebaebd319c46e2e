import Bytes
import EventLoop
import FleetState
import Testing

@testable import RedisClient

@Suite struct RedisSessionTests {
  private let start = Moment(nanoseconds: 1_000_000)

  private func greeted(_ session: inout RedisSession<Int>) throws {
    var output = ByteBuffer()
    session.open(RedisEndpoint(.unix(path: "/r")), name: "n", at: start, into: &output)
    try session.receive(Array("+OK\r\n+PONG\r\n".utf8).span, at: start) { _, _, _ in }
  }

  @Test("the greeting logs in, selects, names itself and asks whether Redis is ready")
  func greeting() throws {
    var session = RedisSession<Int>()
    var output = ByteBuffer()
    let endpoint = RedisEndpoint(.unix(path: "/r"), user: "u", password: "p", database: 2)
    session.open(endpoint, name: "n", at: start, into: &output)
    let sent = output.bytes.copied()
    let expected =
      "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n"
      + "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\nn\r\n*1\r\n$4\r\nPING\r\n"
    #expect(sent == Array(expected.utf8))
    // Each answer alone: only the last makes it ready. That it may not have a name is no obstacle.
    for answer in ["+OK\r\n", "+OK\r\n", "-NOPERM no\r\n"] {
      try session.receive(Array(answer.utf8).span, at: start) { _, _, _ in }
      let isReady = session.isReady
      #expect(!isReady)
    }
    try session.receive(Array("+PONG\r\n".utf8).span, at: start) { _, _, _ in }
    let (isReady, waiting) = (session.isReady, session.waiting)
    #expect(isReady && waiting == 0)
  }

  @Test(
    "a greeting that is refused is an error", arguments: ["-WRONGPASS no\r\n", "+OK\r\n+OK\r\n-LOADING\r\n"])
  func refusedGreeting(_ answer: String) {
    var session = RedisSession<Int>()
    var output = ByteBuffer()
    session.open(RedisEndpoint(.unix(path: "/r"), password: "p"), name: "n", at: start, into: &output)
    var error: RedisError?
    do throws(RedisError) {
      try session.receive(Array(answer.utf8).span, at: start) { _, _, _ in }
    } catch let thrown {
      error = thrown
    }
    #expect(error?.health == .noauth || error?.health == .loading)
    let isReady = session.isReady
    #expect(!isReady)
  }

  @Test("answers come with their tickets and times, in order, split anywhere")
  func order() throws {
    let answers = Array("+a\r\n$1\r\nb\r\n-ERR c\r\n".utf8)
    for split in 0...answers.count {
      var session = RedisSession<Int>()
      try greeted(&session)
      var output = ByteBuffer()
      for ticket in 1...3 { session.send(ticket, at: start, into: &output) { $0.add("PING") } }
      let since = session.waitingSince
      #expect(since == start)
      var seen: [Int] = []
      let later = start + .microseconds(5)
      for piece in [Array(answers[..<split]), Array(answers[split...])] {
        try session.receive(piece.span, at: later) { ticket, _, nanoseconds in
          seen.append(ticket)
          #expect(nanoseconds == 5000)
        }
      }
      let waiting = session.waiting
      #expect(seen == [1, 2, 3] && waiting == 0)
    }
  }

  @Test("an answer nobody asked for ends it")
  func unasked() throws {
    var session = RedisSession<Int>()
    try greeted(&session)
    var error: RedisError?
    do throws(RedisError) {
      try session.receive(Array("+surprise\r\n".utf8).span, at: start) { _, _, _ in }
    } catch let thrown {
      error = thrown
    }
    #expect(error == .malformed)
  }

  @Test("closing gives back the tickets that wait, and none of the greeting's")
  func close() throws {
    var session = RedisSession<Int>()
    var output = ByteBuffer()
    session.open(RedisEndpoint(.unix(path: "/r")), name: "n", at: start, into: &output)
    let none = session.close()
    #expect(none.isEmpty)
    var other = RedisSession<Int>()
    try greeted(&other)
    for ticket in 1...40 { other.send(ticket, at: start, into: &output) { $0.add("PING") } }
    try other.receive(Array("+a\r\n".utf8).span, at: start) { _, _, _ in }
    let lost = other.close()
    #expect(lost == Array(2...40))
    let isReady = other.isReady
    #expect(!isReady)
  }
}
