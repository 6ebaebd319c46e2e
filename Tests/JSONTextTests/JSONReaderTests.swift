import Foundation
import Testing

@testable import JSONText

private func number(_ text: String) -> JSONValue { JSONNumber(text).map { .number($0) } ?? .null }

@Suite struct JSONReaderTests {
  private func read(_ bytes: [UInt8]) throws -> JSONValue { try JSONValue.read(bytes.span) }

  @Test(
    "well-formed texts are read",
    arguments: [
      ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
      ("-0", .integer(0)), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", number("9223372036854775808")), ("1.5e3", number("1.5e3")),
      ("1E-2", number("1E-2")),
      (#""""#, .string("")), (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{C}\n\r\t")),
      (#""\u00e9\uD83D\uDEF0""#, .string("é🛰")), ("\"é🛰\"", .string("é🛰")), ("[]", .array([])),
      ("[1, [2]]", .array([.integer(1), .array([.integer(2)])])), ("{}", .object([])),
      (#"{"b": 1, "a": null}"#, .object([.init("b", .integer(1)), .init("a", .null)])),
    ])
  func wellFormed(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue.read(text) == value)
  }

  @Test(
    "malformed texts are refused, with the place",
    arguments: [
      ("", JSONError.Reason.empty, 0), ("  ", .empty, 2), ("nul", .unexpected, 0), ("nullx", .trailing, 4),
      ("01", .number, 0), ("-", .truncated, 1), ("1.", .truncated, 2), ("1.x", .number, 2),
      ("1e", .truncated, 2),
      ("+1", .unexpected, 0), (".5", .unexpected, 0), ("1e999", .number, 0), ("[1,]", .unexpected, 3),
      ("[1", .truncated, 2),
      ("[1 2]", .unexpected, 3), ("{\"a\"}", .unexpected, 4), ("{\"a\":1,}", .unexpected, 7),
      ("{a:1}", .unexpected, 1),
      (#"{"a":1,"a":2}"#, .duplicateName, 7), ("\"a", .truncated, 2), ("\"\u{1}\"", .controlByte, 1),
      (#""\x""#, .escape, 2), (#""\u12g4""#, .escape, 5), (#""\ud800""#, .surrogate, 3),
      (#""\udc00""#, .surrogate, 3),
      (#""\ud800\u0041""#, .surrogate, 3), ("'a'", .unexpected, 0), ("NaN", .unexpected, 0),
      ("//", .unexpected, 0),
    ])
  func malformed(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
    #expect(throws: JSONError(reason: reason, offset: offset)) { try JSONValue.read(text) }
  }

  @Test("names are equal byte for byte or not at all, few or many")
  func names() throws {
    let value = try JSONValue.read(#"{"\u00e9": 1, "e\u0301": 2}"#)
    #expect(value["\u{E9}"] == .integer(1))
    #expect(value["e\u{301}"] == .integer(2))
    for count in [1, 2, 8, 9, 40] {
      let names = (0..<count).map { "\"n\($0)\":0," }.joined()
      #expect(try JSONValue.read("{\(names)\"m\":0}").members.count == count + 1)
      #expect(throws: JSONError(reason: .duplicateName, offset: 1 + names.utf8.count)) {
        try JSONValue.read("{\(names)\"n\(count - 1)\":0}")
      }
    }
  }

  @Test(
    "numbers go on as they came: nobody here may round what is another's",
    arguments: [
      "12345678901234567890", "-9223372036854775809", "1.0", "1.50", "0.1234567890123456789", "1e3", "-0.0",
      "1E-2",
      "3.141592653589793238462643383279", #"{"id":18446744073709551615,"share":0.10}"#,
    ])
  func numbers(_ text: String) throws {
    #expect(try JSONValue.read(text).text() == text)
  }

  @Test("strings that are not UTF-8 are refused")
  func brokenUTF8() {
    for bytes: [UInt8] in [[0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80]] {
      let text: [UInt8] = [0x22] + bytes + [0x22]
      #expect(throws: JSONError(reason: .utf8, offset: 1)) { try read(text) }
    }
  }

  @Test("a stranger cannot make us nest, count or hold too much")
  func limits() {
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    #expect(throws: JSONError(reason: .tooDeep, offset: 64)) { try JSONValue.read(deep) }
    let limits = JSONLimits(bytes: 10, depth: 64, values: 3)
    #expect(throws: JSONError(reason: .tooMany, offset: 5)) { try JSONValue.read("[1,2,3]", limits: limits) }
    #expect(throws: JSONError(reason: .tooLong, offset: 10)) {
      try JSONValue.read("[          ]", limits: limits)
    }
  }

  @Test("what is cut off anywhere, or changed at any byte, is refused or read, and never traps")
  func mutations() throws {
    let text = Array(#"{"a": [1, -2.5e3, "x\u00e9\n", true, null], "é": {"b": {}}}"#.utf8)
    for count in 0..<text.count {
      let cut = Array(text[..<count])
      #expect(throws: JSONError.self) { try read(cut) }
    }
    for index in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[index] = byte
        let ours = (try? read(changed)) != nil
        // What we take, another parser takes too; we are stricter about names that occur twice.
        if ours {
          let other = try? JSONSerialization.jsonObject(with: Data(changed))
          #expect(other != nil, "\(String(decoding: changed, as: UTF8.self))")
        }
      }
    }
  }
}
