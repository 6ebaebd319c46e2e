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

  @Test("no header is no token")
  func missing() {
    #expect(Admission(token: "s3cret", listensPublicly: false).judge(nil) == .unknown)
  }
}
