import EventLoop
import Foundation
import Measurement
import TLS
import Testing

@testable import LoadGen

extension RunTests {
  @Suite struct SecureTests {
    private final class Certificate {
      let directory = NSTemporaryDirectory() + "sluice-load-\(UUID().uuidString)"
      var certificate: String { directory + "/own.crt" }
      var key: String { directory + "/own.key" }

      init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
          "-subj", "/CN=sluice test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
          certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
      }

      deinit { try? FileManager.default.removeItem(atPath: directory) }
    }

    private func support(_ certificate: Certificate) throws -> RunSupport {
      try RunSupport {
        try TestServer($0, tls: .server(certificate: certificate.certificate, key: certificate.key))
      }
    }

    @Test("over TLS everything is as without: messages of all lengths, pings, drops and their causes")
    func secure() throws {
      let certificate = try Certificate()
      let support = try support(certificate)
      support.at(.milliseconds(300)) { for connection in support.server.connections { connection.ping() } }
      support.at(.milliseconds(600)) { support.server.end(support.server.connections.prefix(2), .code(1012)) }
      let figures = try support.carryOut([
        "wss://\(support.server.address)/", "--trust=\(certificate.certificate)", "--sockets=8",
        "--rate=1000",
        "--send-rate=20", "--size=uniform:64-40k", "--duration=1200ms", "--reconnect=50ms", "--cut=20",
      ])
      #expect(figures.opened == 8 && figures.openAtEnd == 8)
      #expect(figures.drops.counts == [.close(1012): 2] && figures.reconnect.count == 2)
      #expect(
        figures.received + figures.lost == figures.sent && figures.received > 100 && figures.corrupt == 0)
    }

    @Test("a certificate nobody trusts, and a server that speaks no TLS, are failures of TLS")
    func untrusted() throws {
      let certificate = try Certificate()
      let support = try support(certificate)
      let figures = try support.carryOut([
        "wss://\(support.server.address)/", "--sockets=2", "--duration=500ms", "--reconnect=none",
      ])
      #expect(figures.failed.counts == [.tls: 2])
      let plain = try RunSupport()
      plain.server.refusal = "HTTP/1.1 400 Bad Request\r\n\r\n"
      plain.at(.milliseconds(200)) {
        for connection in plain.server.connections { connection.say("no TLS here") }
      }
      let other = try plain.carryOut([
        "wss://\(plain.server.address)/", "--sockets=2", "--duration=700ms", "--reconnect=none",
        "--trust=\(certificate.certificate)",
      ])
      #expect(other.failed.counts == [.tls: 2])
    }
  }
}
