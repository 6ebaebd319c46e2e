import CommandLine
import EventLoop
import FleetState
import Testing

@testable import Server

@Suite struct CertificateCheckTests {
  private func settings(_ arguments: [String]) throws -> ServerSettings {
    var layers = Settings.Layers()
    layers.flags = try Invocation(arguments, of: Options.program).values
    return try ServerSettings(Settings(Options.all, layers))
  }

  @Test("a certificate whose time is over, or nearly, is said")
  func time() {
    #expect(CertificateCheck.finding(daysLeft: -1).level == .fail)
    #expect(CertificateCheck.finding(daysLeft: 0).level == .warn)
    #expect(CertificateCheck.finding(daysLeft: 13).level == .warn)
    #expect(CertificateCheck.finding(daysLeft: 14).level == .ok)
    #expect(CertificateCheck.finding(daysLeft: nil).level == .warn)
  }

  @Test("wss wants both files, and a worker is told of neither")
  func files() throws {
    let bare = try settings(["--listen", "wss://127.0.0.1:0", "--tls-key", "/k"])
    let error = #expect(throws: StartError.self) { try bare.checkCertificate() }
    #expect(error?.kind == .wrongUsage && error?.text.contains("tls_certificate") == true)
    #expect(!bare.arguments.contains { $0.contains("tls") })
    #expect(bare.listen.isEmpty && bare.secureListen == [.tcp(host: "127.0.0.1", port: 0)])
    let gone = try settings(["--listen", "wss://[::1]:1", "--tls-key", "/k", "--tls-certificate", "/none/c"])
    let line = #expect(throws: StartError.self) { try gone.checkCertificate() }
    #expect(line?.text.contains("/none/c") == true && line?.text.contains("\n") == false)
    #expect(CertificateCheck.findings(gone).map(\.level) == [.fail])
    let plain = try settings([])
    #expect(CertificateCheck.findings(plain).isEmpty)
    try plain.checkCertificate()
  }

  @Test("so many listeners that a supervisor could not be given them again are refused")
  func listeners() throws {
    func listens(_ count: Int, _ scheme: String) -> [String] {
      ["--workers", "64"] + (0..<count).flatMap { ["--listen", "\(scheme)127.0.0.1:\($0 + 1)"] }
    }
    _ = try settings(listens(2, "") + ["--metrics-listen", "none"])
    #expect(throws: StartError.self) { try settings(listens(3, "")) }
    _ = try settings(listens(3, "wss://"))
    #expect(throws: StartError.self) { try settings(listens(4, "wss://")) }
  }

  @Test(
    "where TLS is spoken is said in front of the address",
    arguments: [
      ("127.0.0.1:1", false, true), ("ws://127.0.0.1:1", false, true), ("wss://[::1]:8443", true, true),
      ("wss://", false, false), ("wss:///tmp/s", false, false), ("https://127.0.0.1:1", false, false),
      ("wss://wss://127.0.0.1:1", false, false),
    ])
  func addresses(_ text: String, _ isSecure: Bool, _ isGood: Bool) {
    let address = ListenAddress(text)
    #expect((address != nil) == isGood && (address?.isSecure ?? false) == isSecure)
  }

  @Test("a request of HTTP is known from a greeting of TLS by its first byte")
  func plainRequests() {
    for (text, isPlain) in [("GET / HTTP/1.1", true), ("P", true), ("\u{16}\u{3}\u{1}", false), ("", false)] {
      let judged = PlainRequest.isOne(text.utf8.span)
      #expect(judged == isPlain)
    }
    #expect(
      PlainRequest.answer.description.hasSuffix("\r\n\r\nThis port speaks TLS: try https:// or wss://\n"))
    #expect("This port speaks TLS: try https:// or wss://\n".utf8.count == 45)
  }
}
