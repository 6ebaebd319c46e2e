import JSONText
import Testing

@testable import FleetState

@Suite struct ServerFileTests {
  private func example() throws -> ServerFile {
    ServerFile(
      namespace: try #require(Name("ns")), host: try #require(Name("web-1")), pid: 42,
      redis: "unix:///run/sluice/ns/redis.sock", listen: ["127.0.0.1:8000"], build: "1.0",
      started: 1_700_000_000_000)
  }

  private func text(_ file: ServerFile) -> [UInt8] {
    var json = JSONWriter(style: .pretty)
    file.write(to: &json)
    return Array(json.text.utf8)
  }

  @Test("it survives its text")
  func roundTrip() throws {
    let file = try example()
    let text = text(file)
    let read = ServerFile(text.span)
    #expect(read == file)
  }

  @Test("half written anywhere it is none")
  func cut() throws {
    let text = text(try example())
    for length in 0..<(text.count - 1) {
      let read = ServerFile(text.span.extracting(first: length))
      #expect(read == nil)
    }
  }

  @Test(
    "what cannot be a server's is none",
    arguments: [
      "[]", "null", #"{"namespace":"a b","host":"h","redis":"/r","pid":1}"#,
      #"{"namespace":"a","host":"h","redis":"/r","pid":0}"#,
      #"{"namespace":"a","host":"h","redis":"/r","pid":4294967297}"#,
      #"{"namespace":"a","host":"h","redis":7,"pid":1}"#,
    ])
  func refused(_ text: String) {
    let read = ServerFile(Array(text.utf8).span)
    #expect(read == nil)
  }
}
