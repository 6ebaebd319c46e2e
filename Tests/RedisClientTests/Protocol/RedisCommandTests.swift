import Bytes
import FleetState
import Testing

@testable import RedisClient

@Suite struct RedisCommandTests {
  @Test("a command is its count and its arguments with their lengths, and then forgotten")
  func bytes() {
    var command = RedisCommand()
    var output = ByteBuffer()
    var scratch = ByteBuffer()
    command.add("XADD")
    command.add("é\r\n")
    command.add(-12)
    command.add(EntryID(milliseconds: 5, sequence: 6))
    command.add([UInt8]().span)
    command.add(rendering: &scratch) { $0.append(decimal: 7) }
    command.move(into: &output)
    let isEmpty = command.isEmpty
    #expect(isEmpty)
    command.add("PING")
    command.move(into: &output)
    let written = String(decoding: output.bytes.copied(), as: UTF8.self)
    let expected =
      "*6\r\n$4\r\nXADD\r\n$4\r\né\r\n\r\n$3\r\n-12\r\n$3\r\n5-6\r\n$0\r\n\r\n$1\r\n7\r\n*1\r\n$4\r\nPING\r\n"
    // As bytes: for Swift a carriage return and a line feed are one character.
    #expect(Array(written.utf8) == Array(expected.utf8))
  }

  @Test(
    "a payload of any length keeps its length", arguments: [0, 1, 9, 10, 99, 100, 65_535, 65_536, 1_000_000])
  func lengths(count: Int) throws {
    var command = RedisCommand()
    var output = ByteBuffer()
    let payload = [UInt8](repeating: 13, count: count)
    command.add(payload.span)
    command.move(into: &output)
    // What we send reads like what we receive.
    var reader = ReplyReader()
    try reader.feed(output.bytes)
    var value: RedisValue?
    let found = try reader.next { value = $0.value }
    #expect(found && value == .array([.bytes(payload)]))
  }
}
