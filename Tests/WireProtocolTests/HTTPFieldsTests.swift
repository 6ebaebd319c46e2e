import Bytes
import Testing
import WireProtocol

@Suite struct HTTPFieldsTests {
  private func fields(_ lines: String) throws -> Fields {
    try #require(onlyRequest("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n")).fields
  }

  @Test("a field is found in any case, its value without the blanks around it")
  func lookup() throws {
    let fields = try fields("X-Token: \t a b \t\r\nx-token:second\r\nEmpty:\r\n")
    #expect(fields["x-TOKEN"] == "a b")
    #expect(fields.count(of: "X-Token") == 2)
    #expect(fields["Empty"] == "")
    #expect(fields["X-Toke"] == nil)
    #expect(fields.count == 4)
    let names = fields.all.map(\.name)
    #expect(names == ["Host", "X-Token", "x-token", "Empty"])
  }

  @Test(
    "a list holds its tokens, over several lines and in any case",
    arguments: [
      ("Connection: Upgrade\r\n", true), ("Connection: keep-alive, upgrade\r\n", true),
      ("Connection: keep-alive\r\nconnection: ,, UPGRADE ,\r\n", true), ("Connection: upgraded\r\n", false),
      ("Connection: up grade\r\n", false), ("Connection:\r\n", false), ("", false),
    ])
  func list(lines: String, expected: Bool) throws {
    let fields = try fields(lines)
    #expect(fields.has(token: "upgrade", in: "Connection") == expected)
  }

  @Test("bytes beyond ASCII are kept; what is not UTF-8 reads as U+FFFD")
  func obsText() throws {
    let wire = Array("GET / HTTP/1.1\r\nHost: h\r\nX: ".utf8) + [0xC3, 0xA9, 0xFF] + Array("\r\n\r\n".utf8)
    let request = try #require(read(wire).requests.first)
    #expect(request.fields["X"] == "é\u{FFFD}")
  }

  @Test("a stranger's field needs a token for a name and no control byte in its value")
  func strangersField() {
    #expect(HeaderField(name: "X-A", value: "b c") != nil)
    #expect(HeaderField(name: "", value: "b") == nil)
    #expect(HeaderField(name: "X A", value: "b") == nil)
    #expect(HeaderField(name: "X:", value: "b") == nil)
    #expect(HeaderField(name: "X", value: "b\r\nEvil: 1") == nil)
    #expect(HeaderField(name: "X", value: "b\0") == nil)
  }

  @Test("no value carries a second line to the wire")
  func injection() {
    let line = rendered { HeaderField("X", "a\r\nEvil: 1\0").render(into: &$0) }
    #expect(line == "X: a  Evil: 1 \r\n")
  }
}
