import Testing

@testable import FleetState

@Suite struct FieldsTests {
  @Test("counts in one field survive, garbage among them is passed over")
  func counts() {
    var fields = Fields()
    fields.set("errors", counts: ["reset": 3, "close:1006": 1])
    #expect(fields.raw("errors") == "close:1006=1 reset=3")
    #expect(fields.counts("errors") == ["reset": 3, "close:1006": 1])
    #expect(Fields([("e", "a=1 b c=-1 d=x =3 e=4")]).counts("e") == ["a": 1, "e": 4])
    #expect(Fields().counts("none").isEmpty)
  }

  @Test("there are never more counts or words than the limit")
  func limits() {
    let many = (0..<500).map { "k\($0)=1" }.joined(separator: " ")
    #expect(Fields([("e", many)]).counts("e").count == 48)
    #expect(Fields([("l", many)]).words("l").count == 16)
    #expect(Fields((0..<1000).map { ("f\($0)", "") }).list.count == Fields.most)
  }

  @Test("numbers that do not fit are missing, counts are never negative")
  func numbers() {
    let fields = Fields([("a", "300"), ("b", "-4"), ("c", "1e3")])
    #expect(fields.number("a", as: UInt8.self) == nil)
    #expect(fields.number("b", as: Int.self) == -4)
    #expect(fields.count("b") == 0 && fields.count("c") == 0)
  }
}
