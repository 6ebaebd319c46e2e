import Bytes
import Testing

@testable import RedisClient

@Suite struct ReplyReaderTests {
  private let conversation =
    "+OK\r\n-ERR no\r\n:-7\r\n$5\r\nhe\r\no\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n:1\r\n*2\r\n$1\r\na\r\n$0\r\n\r\n+x\r\n"

  private var values: [RedisValue] {
    [
      .status("OK"), .error(RedisRefusal(Array("ERR no".utf8).span)), .integer(-7),
      .bytes(Array("he\r\no".utf8)),
      .null, .null, .array([]),
      .array([.integer(1), .array([.bytes([UInt8(ascii: "a")]), .bytes([])]), .status("x")]),
    ]
  }

  private func read(_ pieces: [[UInt8]], _ reader: inout ReplyReader) throws -> [RedisValue] {
    var values: [RedisValue] = []
    for piece in pieces {
      try reader.feed(piece.span)
      while try reader.next({ values.append($0.value) }) {}
    }
    return values
  }

  @Test("every kind is read, split at every point")
  func splits() throws {
    let bytes = Array(conversation.utf8)
    for split in 0...bytes.count {
      var reader = ReplyReader()
      let read = try read([Array(bytes[..<split]), Array(bytes[split...])], &reader)
      #expect(read == values, "split at \(split)")
    }
  }

  @Test("byte by byte it is the same")
  func drops() throws {
    var reader = ReplyReader()
    let read = try read(conversation.utf8.map { [$0] }, &reader)
    #expect(read == values)
  }

  @Test("a view finds its parts without copying them")
  func parts() throws {
    var reader = ReplyReader()
    let bytes = Array("*3\r\n*2\r\n:1\r\n:2\r\n$3\r\nabc\r\n:9\r\n".utf8)
    try reader.feed(bytes.span)
    var seen: [String] = []
    let found = try reader.next { reply in
      seen.append("\(reply.count) \(reply[0].count) \(reply[0][1].integer ?? 0) \(reply[2].integer ?? 0)")
      seen.append(String(decoding: reply[1].text.copied(), as: UTF8.self))
      reply.forEach { seen.append("\($0.kind)") }
    }
    #expect(found)
    #expect(seen == ["3 2 2 9", "abc", "array", "text", "integer"])
  }

  @Test(
    "what is not the protocol is an error, and stays one",
    arguments: ["HTTP/1.1 400\r\n", "$x\r\n", "*a\r\n", ":\r\n", "\0\r\n"])
  func malformed(_ text: String) throws {
    var reader = ReplyReader()
    let bytes = Array(text.utf8)
    #expect(throws: ReplyReader.Failure.malformed) { _ = try read([bytes], &reader) }
    #expect(throws: ReplyReader.Failure.malformed) { _ = try read([Array("+OK\r\n".utf8)], &reader) }
  }

  @Test("too many parts are refused before they arrive, too many bytes before they are kept")
  func limits() throws {
    var few = ReplyReader(maxNodes: 3)
    #expect(throws: ReplyReader.Failure.tooLarge) { _ = try read([Array("*1000000000\r\n".utf8)], &few) }
    var nested = ReplyReader(maxNodes: 3)
    #expect(throws: ReplyReader.Failure.tooLarge) {
      _ = try read([Array("*2\r\n*2\r\n:1\r\n:2\r\n".utf8)], &nested)
    }
    var small = ReplyReader(maxBytes: 100)
    let chunk = Array("$1000\r\n".utf8) + [UInt8](repeating: 0, count: 60)
    #expect(throws: ReplyReader.Failure.tooLarge) { _ = try read([chunk, chunk], &small) }
    var deep = ReplyReader()
    let tower = Array(String(repeating: "*1\r\n", count: 5000).utf8)
    #expect(throws: ReplyReader.Failure.malformed) { _ = try read([tower], &deep) }
  }

  @Test("random bytes and changed bytes never do harm", arguments: 0..<300)
  func random(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var bytes = Array(conversation.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    var reader = ReplyReader(maxNodes: 1000, maxBytes: 100_000)
    do {
      let values = try read([bytes, bytes], &reader)
      #expect(values.count <= 2 * bytes.count, "seed \(seed)")
    } catch is ReplyReader.Failure {
      // Refused is as good as read.
    }
  }
}
