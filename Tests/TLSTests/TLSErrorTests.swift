import Testing

@testable import TLS

@Suite struct TLSErrorTests {
  @Test(
    "each error says what happened, in one line",
    arguments: [
      (TLSError.file(path: "/a.pem", reason: "no start line"), "/a.pem: no start line"),
      (.name("a b"), "'a b' is no host name or address"),
      (.untrusted(reason: "hostname mismatch"), "the certificate is not trusted: hostname mismatch"),
      (.handshake(reason: "http request"), "no TLS handshake: http request"),
      (.broken(reason: "bad record mac"), "the TLS connection broke: bad record mac"),
      (.cutOff, "the TLS connection was cut off"),
      (.notOpen, "the TLS connection is not open"),
      (.setup(reason: "malloc failure"), "OpenSSL cannot start: malloc failure"),
    ])
  func words(_ error: TLSError, _ words: String) {
    #expect(error.description == words)
  }

  @Test("a path or name cannot speak to the terminal, and a long one is cut")
  func harmless() {
    #expect(TLSError.file(path: "\u{1B}[2Ja", reason: "").description == "\u{FFFD}[2Ja: ")
    let long = TLSError.name(String(repeating: "a", count: 100_000)).description
    #expect(long.unicodeScalars.count < 100)
  }
}
