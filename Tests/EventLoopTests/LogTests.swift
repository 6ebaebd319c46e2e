import Foundation
import Glibc
import Testing

@testable import EventLoop

@Suite struct LogTests {
  @Test("a text line is time, level, message and fields")
  func text() throws {
    let pipe = try Pipe()
    let log = Log(service: "test", descriptor: pipe.write)
    log.debug("unseen")
    log.info("worker started", event: "started", ["slot": "3", "pid": "77"])
    let line = pipe.text()
    #expect(line.hasSuffix("Z INFO worker started slot=3 pid=77\n"))
    #expect(line.utf8.count == 24 + " INFO worker started slot=3 pid=77\n".utf8.count)
  }

  @Test("a JSON line is one object, whatever strangers put into it")
  func json() throws {
    let pipe = try Pipe()
    let log = Log(format: .json, service: "te\"st", descriptor: pipe.write)
    log.warning("quote \" slash \\ line\n\u{1B}[31m \u{202E}end ß😀", event: "e", ["a\"b": "c\\", "d": ""])
    let line = pipe.text()
    #expect(line.filter { $0 == "\n" }.count == 1 && line.hasSuffix("}\n"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    #expect(object["message"] == "quote \" slash \\ line\u{FFFD}\u{FFFD}[31m \u{FFFD}end ß😀")
    #expect(object["level"] == "WARNING" && object["event"] == "e" && object["service"] == "te\"st")
    #expect(object["a\"b"] == "c\\" && object["d"] == "")
  }

  @Test("a number is one in JSON, too", arguments: [0, 5, UInt64.max])
  func number(_ count: UInt64) throws {
    let pipe = try Pipe()
    Log(format: .json, service: "test", descriptor: pipe.write).info("m", ["message_count": .number(count)])
    #expect(pipe.text().hasSuffix("\"message_count\": \(count), \"service\": \"test\"}\n"))
    Log(service: "test", descriptor: pipe.write).info("m", ["message_count": .number(count)])
    #expect(pipe.text().hasSuffix("INFO m message_count=\(count)\n"))
  }

  @Test(
    "no line is longer than a pipe takes whole, and it stays an object", arguments: [Log.Format.text, .json])
  func long(_ format: Log.Format) throws {
    let pipe = try Pipe()
    let log = Log(format: format, service: "test", descriptor: pipe.write)
    let text = String(repeating: "\"😀", count: 3000)
    log.error(
      text, event: "long",
      ["one": .text(text), "two": .text(text), "three": .text(text), "four": .text(text)])
    let line = pipe.text()
    #expect(line.utf8.count <= 4096 && line.utf8.count > 3500)
    #expect(line.contains("…"))
    if format == .json {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
      #expect(object?["service"] == "test")
    }
  }

  @Test(
    "a full pipe drops and counts, and never blocks, whatever the length of the lines", arguments: [10, 5000])
  func full(length: Int) throws {
    let pipe = try Pipe()
    let log = Log(service: "test", descriptor: pipe.write)
    let text = String(repeating: "😀", count: length)
    for _ in 0..<3000 { log.info(text) }
    #expect(log.dropped > 0)
    let lines = pipe.text().split(separator: "\n")
    #expect(lines.count + Int(log.dropped) == 3000)
    #expect(lines.allSatisfy { $0.contains("Z INFO ") })
    let before = log.dropped
    log.info("again")
    #expect(log.dropped == before)
    #expect(pipe.text().hasSuffix("again\n"))
  }

  @Test("a log nobody reads any more does not kill the program")
  func nobody() async {
    await #expect(processExitsWith: .success) {
      signal(SIGPIPE, SIG_DFL)
      let pipe = try Pipe()
      _ = Glibc.close(pipe.read)
      let log = Log(service: "test", descriptor: pipe.write)
      log.info("into the void")
      _exit(log.dropped == 1 ? 0 : 1)
    }
  }
}
