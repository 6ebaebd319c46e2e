import Bytes
import Testing

@testable import FleetState

@Suite struct ReconnectTokenTests {
  static let nonce = [UInt8](0..<16)
  static let ada = ClientID("ada.l@example.org")

  /// No MAC, but one that every bit of the text moves.
  static func sign(_ bytes: Span<UInt8>) -> [UInt8] {
    var state = SplitMix64(seed: 7)
    for index in bytes.indices { state = SplitMix64(seed: state.next() ^ UInt64(bytes[index])) }
    return state.bytes(32)
  }

  static func isSigned(_ claims: Span<UInt8>, _ signature: [UInt8]) -> Bool { sign(claims) == signature }

  static func token(issued: Int64 = 1_000_000) throws -> ReconnectToken {
    try ReconnectToken(issued: issued, nonce: nonce, client: #require(ada), sign: sign)
  }

  static func judge(_ text: String, _ client: String = "ada.l@example.org", at now: Int64 = 1_000_000) throws
    -> TokenJudgement
  {
    try TokenJudgement(
      ReconnectToken(text), for: #require(ClientID(client)), at: now, lifetime: .seconds(3600),
      isSigned: isSigned)
  }

  @Test("a token reads back as what was written, dots in the client's name included")
  func roundTrip() throws {
    let token = try Self.token()
    #expect(token.text.hasPrefix("1000000.000102030405060708090a0b0c0d0e0f.ada.l@example.org."))
    #expect(token.text.utf8.count == 7 + 1 + 32 + 1 + 17 + 1 + 64)
    #expect(ReconnectToken(token.text) == token)
  }

  @Test("it holds for its lifetime, to the second")
  func lifetime() throws {
    let text = try Self.token().text
    #expect(try Self.judge(text) == .valid)
    #expect(try Self.judge(text, at: 1_003_599) == .valid)
    #expect(try Self.judge(text, at: 1_003_600) == .expired)
    #expect(try Self.judge(text, at: 999_940) == .valid)
    #expect(try Self.judge(text, at: 999_939) == .invalid)
    #expect(try Self.judge(text, "bob") == .mismatch)
    #expect(try Self.judge(text, "bob", at: 1_003_600) == .expired)
  }

  @Test("it is good for the very name it was issued to, not for one that looks the same")
  func spelling() throws {
    let jose = try #require(ClientID("jos\u{E9}"))
    let text = ReconnectToken(issued: 1_000_000, nonce: Self.nonce, client: jose, sign: Self.sign).text
    #expect(try Self.judge(text, "jos\u{E9}") == .valid)
    #expect(try Self.judge(text, "jose\u{301}") == .mismatch)
  }

  @Test("one character changed, taken away or put in anywhere makes it invalid")
  func tampered() throws {
    let text = Array(try Self.token().text.utf8)
    for place in text.indices {
      for letter in [UInt8(ascii: "0"), UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: "z")] {
        var changed = text
        changed[place] = letter
        if changed != text { #expect(try Self.judge(String(decoding: changed, as: UTF8.self)) == .invalid) }
        changed = text
        changed.insert(letter, at: place)
        #expect(try Self.judge(String(decoding: changed, as: UTF8.self)) == .invalid)
      }
      var shorter = text
      shorter.remove(at: place)
      #expect(try Self.judge(String(decoding: shorter, as: UTF8.self)) == .invalid)
      #expect(try Self.judge(String(decoding: text[..<place], as: UTF8.self)) == .invalid)
    }
  }

  @Test(
    "what none of us writes is none",
    arguments: [
      "", ".", "...", "....", "-1.", "+1.00.a.00", "1.2.3.4", String(repeating: ".", count: 500),
      "99999999999999999999.000102030405060708090a0b0c0d0e0f.a." + String(repeating: "0", count: 64),
      "01.000102030405060708090a0b0c0d0e0f.a." + String(repeating: "0", count: 64),
      "1.000102030405060708090A0b0c0d0e0f.a." + String(repeating: "0", count: 64),
      "1.000102030405060708090a0b0c0d0e0f.a b." + String(repeating: "0", count: 64),
    ])
  func refused(_ text: String) { #expect(ReconnectToken(text) == nil) }

  @Test("the farthest moments trap nobody", arguments: [0, Int64.max, Int64.min])
  func extremes(_ now: Int64) throws {
    #expect(try Self.judge(Self.token(issued: .max).text, at: now) != .mismatch)
    #expect(try Self.judge(Self.token(issued: 0).text, at: now) != .mismatch)
  }
}
