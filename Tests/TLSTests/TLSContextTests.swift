import Testing

@testable import TLS

@Suite struct TLSContextTests {
  private let credentials: Credentials

  init() throws { credentials = try Credentials() }

  @Test("a file that is missing or holds something else is named, with the reason")
  func badFiles() throws {
    let missing = credentials.path("missing.pem")
    let noise = try credentials.write("no certificate", to: "noise.pem")
    let absent = "No such file or directory"
    #expect(throws: TLSError.file(path: missing, reason: absent)) {
      _ = try TLSContext.server(certificate: missing, key: credentials.key)
    }
    #expect(throws: TLSError.file(path: missing, reason: absent)) {
      _ = try TLSContext.server(certificate: credentials.certificate, key: missing)
    }
    #expect(throws: TLSError.file(path: missing, reason: absent)) {
      _ = try TLSContext.client(roots: .file(missing))
    }
    #expect(throws: TLSError.file(path: noise, reason: "no start line")) {
      _ = try TLSContext.server(certificate: noise, key: credentials.key)
    }
  }

  @Test("a certificate tells how long it is good: this one two days, some seconds of which are over")
  func lifetime() throws {
    let context = try TLSContext.server(certificate: credentials.certificate, key: credentials.key)
    let seconds = try #require(context.secondsLeft)
    #expect(seconds <= 172_800 && seconds > 172_000)
    #expect(context.daysLeft == seconds / 86_400)
  }

  @Test("a key that belongs to another certificate is refused")
  func foreignKey() {
    #expect(throws: TLSError.file(path: credentials.otherKey, reason: "key values mismatch")) {
      _ = try TLSContext.server(certificate: credentials.certificate, key: credentials.otherKey)
    }
  }

  @Test("a key behind a password is refused")
  func lockedKey() throws {
    let locked = try credentials.lockedKey()
    #expect(throws: TLSError.self) {
      _ = try TLSContext.server(certificate: credentials.certificate, key: locked)
    }
  }

  @Test("the system's own roots can be used")
  func systemRoots() throws {
    _ = try TLSContext.client()
  }
}
