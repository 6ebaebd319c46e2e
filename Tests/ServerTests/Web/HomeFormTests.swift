import Testing

@testable import Server

@Suite struct HomeFormTests {
  private static let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

  @Test(
    "a page only for who names it and likes it no less than JSON",
    arguments: [
      (browser, HomeForm.page), ("text/html", .page), ("TEXT/HTML", .page), (" text/html ; q=1 ", .page),
      ("*/*", .figures), ("", .figures), ("application/json", .figures), ("text/*", .figures),
      ("application/json, text/plain, */*", .figures),
      ("text/html, application/json", .page), ("application/json, text/html", .page),
      ("text/html;q=0.9, application/json", .figures), ("text/html, application/json;q=0.9", .page),
      ("text/html;q=0.8, */*", .figures), ("text/html;q=0.8, application/*;q=0.9, */*;q=0.1", .figures),
      ("text/html;q=0.8, application/json;q=0.1, */*", .page),
      ("text/html;q=0", .figures), ("text/html;q=0.000", .figures), ("text/html;q=0.001", .page),
      ("text/html;level=1;q=0.5", .page), ("text/htmlx", .figures),
      // What cannot be read is no wish.
      ("text/html;q=x", .figures), ("text/html;q=", .figures), ("text/html;q=2", .figures),
      ("text/html;q=0.1234", .figures), ("text/html;q=-1", .figures), ("text/html;q=1.5", .page),
      (";;,,;q=1", .figures),
    ])
  func negotiation(_ accept: String, _ form: HomeForm) throws {
    #expect(try HomeForm(asked("GET /", "Accept: \(accept)")) == form)
  }

  @Test("several Accept lines are one list, and none is no wish")
  func lines() throws {
    #expect(try HomeForm(asked("GET /", "Accept: application/json;q=0.5", "Accept: text/html")) == .page)
    #expect(try HomeForm(asked("GET /")) == .figures)
  }

  @Test(
    "format decides, whatever Accept says",
    arguments: [("json", HomeForm.figures), ("html", .page), ("xml", nil), ("", nil), ("HTML", nil)])
  func format(_ format: String, _ form: HomeForm?) throws {
    #expect(try HomeForm(asked("GET /?format=\(format)", "Accept: \(Self.browser)")) == form)
    #expect(try HomeForm(asked("GET /?format=\(format)", "Accept: application/json")) == form)
  }
}
