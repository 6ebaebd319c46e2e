import Testing

@testable import Server

@Suite struct ForeignPageTests {
  @Test(
    "a page is at home where its origin names this server; a tool names none",
    arguments: [
      ("http://a:8000", false), ("https://a:8000", false), ("http://A:8000", false),
      ("http://a", true), ("http://a:8001", true), ("http://b:8000", true), ("http://a:8000.b", true),
      ("http://b/a:8000", true), ("null", true), ("", true), ("a:8000", true),
    ])
  func origin(_ origin: String, _ isForeign: Bool) throws {
    #expect(try asked("POST /admin/drain", "Origin: \(origin)").isOfForeignPage == isForeign)
    #expect(try !asked("POST /admin/drain").isOfForeignPage)
  }
}
