import JSONText
import Testing

@testable import FleetState

@Suite struct LifecycleEventTests {
  private func event(_ kind: LifecycleEvent.Kind, name: String? = "anna") throws -> LifecycleEvent {
    LifecycleEvent(
      try #require(Name("0.k.7.c")), kind, hall: .clients, name: name, peer: "10.0.0.9:4711",
      host: try #require(Name("web-1")), slot: 3, at: 1_795_292_000_123)
  }

  private static let gone = LifecycleEvent.Kind.disconnect(
    .init(how: .drained, milliseconds: 61_000, messages: 12))

  @Test("what was written is read again", arguments: [LifecycleEvent.Kind.connect, gone], ["anna", nil])
  func round(_ kind: LifecycleEvent.Kind, _ name: String?) throws {
    let event = try event(kind, name: name)
    let pairs = event.fields.list.map { ($0.name, $0.value) }
    #expect(LifecycleEvent(Fields(pairs)) == event)
  }

  @Test("as a body it says the same, and of a coming nothing that is not known yet")
  func body() throws {
    var came = JSONWriter()
    try event(.connect, name: nil).write(to: &came)
    #expect(
      came.text
        == #"{"id":"0.k.7.c","event":"connect","hall":"clients","name":null,"peer":"10.0.0.9:4711","host":"web-1","#
        + #""worker":3,"ts":1795292000123}"#)
    var went = JSONWriter()
    try event(Self.gone).write(to: &went)
    #expect(went.text.hasSuffix(#","how":"drained","duration_ms":61000,"messages":12}"#))
  }

  @Test(
    "what is no such entry is none",
    arguments: ["event", "hall", "host", "id", "how"])
  func hostile(_ field: String) throws {
    let pairs = try event(Self.gone).fields.list.map { ($0.name, $0.value) }
    #expect(LifecycleEvent(Fields(pairs.filter { $0.0 != field })) == nil)
    #expect(LifecycleEvent(Fields(pairs.map { $0.0 == field ? ($0.0, "\u{1B}[2J") : $0 })) == nil)
  }

  @Test("numbers of strangers are taken as far as they make sense")
  func numbers() throws {
    let pairs = try event(Self.gone).fields.list.map { ($0.name, $0.value) }
    let odd = pairs.map { ["worker", "ts", "duration_ms", "messages"].contains($0.0) ? ($0.0, "-7") : $0 }
    let read = try #require(LifecycleEvent(Fields(odd)))
    #expect(read.slot == 0 && read.at == 0)
    #expect(read.kind == .disconnect(.init(how: .drained, milliseconds: 0, messages: 0)))
  }
}
