import Testing

@testable import Server

@Suite struct AdmissionTests {
  @Test("a loopback server without a token lets everybody in, a public one nobody")
  func withoutToken() {
    #expect(Admission(token: nil, listensPublicly: false).judge(nil) == .welcome)
    #expect(Admission(token: "", listensPublicly: true).judge("Bearer ") == .closed)
    #expect(Admission(token: nil, listensPublicly: true).judge("Bearer x") == .closed)
  }

  @Test(
    "with a token exactly its bearer may",
    arguments: [
      ("Bearer s3cret", Admission.Judgement.welcome), ("bearer s3cret", .welcome), ("Bearer s3cre", .unknown),
      ("Bearer s3cret ", .unknown), ("Basic s3cret", .unknown), ("s3cret", .unknown), ("", .unknown),
    ])
  func withToken(_ header: String, _ judgement: Admission.Judgement) {
    #expect(Admission(token: "s3cret", listensPublicly: false).judge(header) == judgement)
    #expect(Admission(token: "s3cret", listensPublicly: true).judge(header) == judgement)
  }

  @Test(
    "without a token a page of ours may, one from elsewhere may not, whatever name it calls us by",
    arguments: [
      ("http://127.0.0.1:8000", "127.0.0.1:8000", Admission.Judgement.welcome),
      ("http://localhost:8000", "localhost:8000", .welcome), ("http://[::1]:8000", "[::1]:8000", .welcome),
      ("http://localhost", "localhost:80", .welcome), ("http://localhost:8000", "127.0.0.1:8000", .foreign),
      ("https://evil.example", "127.0.0.1:8000", .foreign), ("null", "127.0.0.1:8000", .foreign),
      ("http://evil.example:8000", "evil.example:8000", .foreign),
      ("http://127.evil.example", "127.evil.example", .foreign),
      ("http://127.0.0.1:3000", "127.0.0.1:8000", .foreign),
    ])
  func pages(_ origin: String, _ host: String, _ judgement: Admission.Judgement) {
    let open = Admission(token: nil, listensPublicly: false)
    #expect(open.judge(nil, origin: origin, host: host) == judgement)
    let bearer = Admission(token: "t", listensPublicly: true)
    #expect(bearer.judge("Bearer t", origin: origin, host: host) == .welcome)
  }

  @Test("no header is no token")
  func missing() {
    #expect(Admission(token: "s3cret", listensPublicly: false).judge(nil) == .unknown)
  }
}
