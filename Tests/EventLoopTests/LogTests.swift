import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct LogTests {
  @Test("a line of text: time, level, words, fields")
  func text() throws {
    let pipe = try Descriptor.Pipe()
    let log = Log(service: "wsserver", descriptor: pipe.write)
    log.info("worker is up", ["pid": "7", "slot": "0"])
    let line = pipe.text()
    #expect(line.hasSuffix("Z INFO worker is up pid=7 slot=0\n"))
    #expect(line.split(separator: " ").first?.count == 24)
  }

  @Test("a line of JSON")
  func json() throws {
    let pipe = try Descriptor.Pipe()
    let log = Log(format: .json, service: "ws\"server", descriptor: pipe.write)
    log.warning("back\\slash \"quoted\"", event: "odd", ["who": "a\"b"])
    let line = pipe.text()
    #expect(line.hasPrefix("{\"timestamp\": \"20"))
    #expect(
      line.hasSuffix(
        "Z\", \"level\": \"WARNING\", \"event\": \"odd\", \"message\": \"back\\\\slash \\\"quoted\\\"\", "
          + "\"who\": \"a\\\"b\", \"service\": \"ws\\\"server\"}\n"))
  }

  @Test(
    "strangers' text cannot make a second line or speak to the terminal", arguments: [Log.Format.text, .json])
  func harmful(format: Log.Format) throws {
    let pipe = try Descriptor.Pipe()
    let log = Log(format: format, service: "s", descriptor: pipe.write)
    log.error("a\nb\u{1B}[2Jc", ["peer": "\r\u{202E}x"])
    let line = pipe.text()
    #expect(line.utf8.filter { $0 < 0x20 } == [10])
    #expect(!line.unicodeScalars.contains("\u{202E}"))
  }

  @Test("what is below the level is neither written nor made")
  func level() throws {
    let pipe = try Descriptor.Pipe()
    let log = Log(level: .warning, service: "s", descriptor: pipe.write)
    func made() -> String {
      Issue.record("made in vain")
      return ""
    }
    log.debug(made())
    log.info("no")
    #expect(pipe.text().isEmpty)
    log.level = .debug
    log.debug("yes")
    #expect(pipe.text().hasSuffix("DEBUG yes\n"))
  }

  @Test(
    "when nobody reads, lines are dropped and counted, never waited for",
    arguments: [("short", Log.Format.text), ("long", .text), ("short", .json), ("long", .json)])
  func fullPipe(kind: String, format: Log.Format) throws {
    let pipe = try Descriptor.Pipe()
    let log = Log(format: format, service: "s", descriptor: pipe.write)
    // Four bytes a scalar: as long as a line can get. A write that waits would hang this test.
    let words = kind == "short" ? "short" : String(repeating: "🛰", count: 3000)
    let field = kind == "short" ? "x" : String(repeating: "\"", count: 300)
    for _ in 0..<3000 { log.info(words, ["one": field, "two": field, "three": words]) }
    #expect(log.dropped > 0)
    var whole = ""
    while case let more = pipe.text(), !more.isEmpty { whole += more }
    let lines = whole.split(separator: "\n")
    #expect(lines.count + Int(log.dropped) == 3000, "each line is whole or counted")
    #expect(whole.hasSuffix("\n"))
    if format == .json {
      #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("\"service\": \"s\"}") })
    }
    log.info("again")
    #expect(pipe.text().contains("again"))
  }

  @Test("when the reader has gone, lines are dropped and counted, and nobody is killed")
  func noReader() async {
    await #expect(processExitsWith: .success) {
      var pipe = try Descriptor.Pipe()
      let log = Log(service: "s", descriptor: pipe.write)
      pipe.closeReader()
      log.info("anyone?")
      #expect(log.dropped == 1)
    }
  }
}
