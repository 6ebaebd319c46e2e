import Testing

@testable import FleetState

@Suite struct SluiceWishTests {
  private static func read(_ text: String) -> Result<SluiceWish, SluiceWish.Refusal> {
    do throws(SluiceWish.Refusal) { return .success(try SluiceWish(Array(text.utf8).span)) } catch {
      return .failure(error)
    }
  }

  @Test(
    "every wish survives its text",
    arguments: [
      #"{"type":"publish","channel":"news","data":{"a":[1,2.5,null,"x"]},"id":"a"}"#,
      #"{"type":"publish","channel":"news","data":"hë\"llo\n"}"#,
      #"{"type":"send","to":"ada@example.org","data":7,"id":12}"#,
      #"{"type":"join","channel":"a.b-c_d"}"#, #"{"type":"leave","channel":"x","id":"1"}"#,
      #"{"type":"set","key":"k","value":false}"#, #"{"type":"get","key":"k","id":-1}"#,
      #"{"type":"resume","token":"1.a.b.c","epoch":"9f","offset":"17-3"}"#, #"{"type":"ping"}"#,
    ])
  func roundTrip(_ text: String) throws {
    let wish = try Self.read(text).get()
    #expect(wish.text() == text)
  }

  @Test("a text is said as it is, anything else as JSON")
  func words() throws {
    guard
      case .publish(_, let text) = try Self.read(#"{"type":"publish","channel":"n","data":"a\"b"}"#).get().ask,
      case .publish(_, let number) = try Self.read(#"{"type":"publish","channel":"n","data": [1, 2]}"#).get()
        .ask
    else { return #expect(Bool(false)) }
    #expect(text.form == .text && text.text == "a\"b")
    #expect(number.form == .json && number.text == "[1,2]")
  }

  @Test(
    "what is not understood is refused with the id it came with",
    arguments: [
      (#"{"type":"shout","id":"x"}"#, #""x""#), (#"{"id":3}"#, "3"),
      (#"{"type":"publish","id":3,"channel":"a b","data":1}"#, "3"),
      (#"{"type":"publish","id":3,"channel":"a"}"#, "3"), (#"{"type":"send","id":3,"to":"","data":1}"#, "3"),
      (#"{"type":"resume","id":3,"token":"t","epoch":"e","offset":7}"#, "3"),
      (#"{"type":"set","id":3,"key":"","value":1}"#, "3"),
    ])
  func refused(_ text: String, _ id: String) {
    guard case .failure(let refusal) = Self.read(text) else {
      return #expect(Bool(false), "\(text) was taken")
    }
    #expect(refusal.id == id && !refusal.message.isEmpty)
  }

  @Test(
    "what has no usable id is refused without one",
    arguments: ["", "{", "[]", "7", #"{"type":"ping","id":{}}"#, #"{"type":"ping","id":1.5}"#])
  func nameless(_ text: String) {
    guard case .failure(let refusal) = Self.read(text) else {
      return #expect(Bool(false), "\(text) was taken")
    }
    #expect(refusal.id == nil)
  }

  @Test("a wish cut short anywhere is refused and never traps")
  func cut() {
    let text = Array(#"{"type":"publish","channel":"news","data":{"a":[1,"x"]},"id":"a"}"#.utf8)
    for count in 0..<text.count {
      let part = String(decoding: text[..<count], as: UTF8.self)
      guard case .failure = Self.read(part) else { return #expect(Bool(false), "\(part) was taken") }
    }
  }
}
