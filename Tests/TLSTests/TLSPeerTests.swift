import Bytes
import Testing

@testable import TLS

/// Against the `openssl` program, in the versions our own two ends never choose.
@Suite(.serialized) struct TLSPeerTests {
  private let credentials: Credentials

  init() throws { credentials = try Credentials() }

  private func server() throws -> Pair.End {
    let context = try TLSContext.server(certificate: credentials.certificate, key: credentials.key)
    return Pair.End(session: try TLSSession(serving: context))
  }

  private func client() throws -> Pair.End {
    var first = ByteBuffer()
    let context = try TLSContext.client(roots: .file(credentials.certificate))
    var end = Pair.End(session: try TLSSession(calling: "localhost", context, into: &first))
    end.wire = first.bytes.copied()
    return end
  }

  @Test("a client of either version is served", arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
  func serves(_ option: String, _ version: String) throws {
    var end = try server()
    let trust = ["-CAfile", credentials.certificate, "-verify_return_error", "-verify_hostname", "localhost"]
    let peer = try OpenSSLProgram(callingIn: credentials.directory, [option] + trust)
    peer.say("question")
    peer.talk(with: &end) { $0.plain.count >= 9 }
    #expect(end.error == nil)
    #expect(end.session.version == version)
    #expect(end.plain == Array("question\n".utf8))
  }

  @Test("a server of either version is called", arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
  func calls(_ option: String, _ version: String) throws {
    let identity = ["-cert", credentials.certificate, "-key", credentials.key]
    let peer = try OpenSSLProgram(servingIn: credentials.directory, [option] + identity)
    var end = try client()
    peer.talk(with: &end) { $0.session.state == .open }
    try #require(end.session.state == .open, "\(String(describing: end.error))")
    #expect(end.session.version == version)
    try end.write(Array("abc\n".utf8))
    peer.talk(with: &end) { $0.plain.count >= 4 }
    #expect(end.plain == Array("cba\n".utf8))
  }

  @Test("a client that speaks TLS 1.1 only is refused")
  func oldClient() throws {
    var end = try server()
    let peer = try OpenSSLProgram(
      callingIn: credentials.directory, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    peer.talk(with: &end) { $0.session.state == .open }
    #expect(end.error == .handshake(reason: "unsupported protocol"))
  }

  @Test("a server that speaks TLS 1.1 only is refused")
  func oldServer() throws {
    let peer = try OpenSSLProgram(
      servingIn: credentials.directory,
      ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-cert", credentials.certificate, "-key", credentials.key])
    var end = try client()
    peer.talk(with: &end) { $0.session.state == .open }
    #expect(end.error == .handshake(reason: "tlsv1 alert protocol version"))
  }
}
