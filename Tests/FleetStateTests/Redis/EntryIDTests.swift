import Bytes
import Testing

@testable import FleetState

@Suite struct EntryIDTests {
  @Test(
    "text and id are two forms of the same",
    arguments: ["0-0", "1700000000000-3", "18446744073709551615-18446744073709551615"])
  func text(_ text: String) {
    #expect(EntryID(text)?.description == text)
    var buffer = ByteBuffer()
    EntryID(text)?.write(into: &buffer)
    let written = buffer.bytes.copied()
    #expect(written == Array(text.utf8))
  }

  @Test("a missing sequence is 0")
  func short() { #expect(EntryID("5") == EntryID(milliseconds: 5, sequence: 0)) }

  @Test(
    "what is no id is refused",
    arguments: ["", "-", "5-", "-5", "+5", "5-6-7", "a", "18446744073709551616", " 5", "$", "*"])
  func refused(_ text: String) { #expect(EntryID(text) == nil) }

  @Test("order is by time, then by sequence, and next is the smallest that follows")
  func order() {
    let a = EntryID(milliseconds: 1, sequence: .max)
    let b = EntryID(milliseconds: 2, sequence: 0)
    #expect(a < b && !(b < a) && a.next == b && EntryID.zero < a)
    #expect(b.next == EntryID(milliseconds: 2, sequence: 1))
    #expect(EntryID.last.next == .last)
  }
}
