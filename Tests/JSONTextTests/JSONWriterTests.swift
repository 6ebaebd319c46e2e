import Bytes
import Foundation
import Testing

@testable import JSONText

@Suite struct JSONWriterTests {
  private func sample(_ style: JSONWriter.Style) -> String {
    var writer = JSONWriter(style: style)
    writer.beginObject()
    writer.member("count", 3)
    writer.member("message", "a\"b")
    writer.array("list") { list in
      list.integer(1)
      list.null()
      list.beginObject()
      list.endObject()
    }
    writer.object("inner") { $0.member("ok", true) }
    writer.member("ratio", 0.25)
    writer.endObject()
    return writer.text
  }

  @Test("compact, as other programs read it")
  func compact() {
    #expect(
      sample(.compact) == #"{"count":3,"message":"a\"b","list":[1,null,{}],"inner":{"ok":true},"ratio":0.25}"#
    )
  }

  @Test("spaced, as older clients compare it")
  func spaced() {
    #expect(
      sample(.spaced)
        == #"{"count": 3, "message": "a\"b", "list": [1, null, {}], "inner": {"ok": true}, "ratio": 0.25}"#)
  }

  @Test("pretty, for people")
  func pretty() {
    let expected = """
      {
        "count": 3,
        "message": "a\\"b",
        "list": [
          1,
          null,
          {}
        ],
        "inner": {
          "ok": true
        },
        "ratio": 0.25
      }
      """
    #expect(sample(.pretty) == expected)
  }

  @Test("a finished text is spliced in as it is")
  func spliced() {
    var writer = JSONWriter(style: .spaced)
    writer.beginObject()
    writer.name("data")
    writer.raw(#"{"a":1}"#.utf8.span)
    writer.member("ok", true)
    writer.endObject()
    #expect(writer.text == #"{"data": {"a":1}, "ok": true}"#)
  }

  @Test("every scalar below 256 comes back as it was, in all styles")
  func strings() throws {
    let text = String(String.UnicodeScalarView((0..<256).compactMap { Unicode.Scalar($0) })) + "🛰é"
    for style in [JSONWriter.Style.compact, .spaced, .pretty] {
      let written = JSONValue.object([.init(text, .string(text))]).text(style)
      #expect(try JSONValue.read(written) == .object([.init(text, .string(text))]))
      let other = try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String: String]
      #expect(other == [text: text])
    }
  }

  @Test(
    "doubles come back exactly; what is no number becomes null",
    arguments: [0.1, -1e300, 2.3e-308, 1e15, 123456.789, 3])
  func doubles(_ value: Double) throws {
    var writer = JSONWriter()
    writer.number(value)
    #expect(try JSONValue.read(writer.text).number == value)
    var odd = JSONWriter()
    odd.number(.infinity)
    #expect(odd.text == "null")
  }

  @Test("a value that was written is read back, whatever its shape", arguments: 0..<50 as Range<UInt64>)
  func roundTrip(_ seed: UInt64) throws {
    var generator = Seeded(state: seed)
    let value = Self.random(&generator, depth: 4)
    for style in [JSONWriter.Style.compact, .spaced, .pretty] {
      #expect(try JSONValue.read(value.text(style)) == value, "seed \(seed)")
    }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private static func random(_ generator: inout Seeded, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
    case 0: return .null
    case 1: return .bool(.random(using: &generator))
    case 2: return .integer(.random(in: .min ... .max, using: &generator))
    case 3:
      let double = Double.random(in: -1e9...1e9, using: &generator) + 0.5e-3
      return JSONNumber("\(double)").map { .number($0) } ?? .null
    case 4:
      return .string(
        String((0..<5).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0...255, using: &generator))) }))
    case 5: return .array((0..<3).map { _ in random(&generator, depth: depth - 1) })
    default: return .object((0..<3).map { .init("k\($0)", random(&generator, depth: depth - 1)) })
    }
  }
}
