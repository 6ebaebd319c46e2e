import Bytes
import Testing

@testable import TLS

/// What strangers and thieves may try; the good ways are in `TLSSessionTests`.
@Suite struct TLSHostilityTests {
  private let credentials: Credentials

  init() throws { credentials = try Credentials() }

  @Test("noise never opens a session, and never ends the process")
  func noise() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for round in 0..<300 {
      var pair = try Pair(credentials)
      // Two of three begin like a handshake, so that the noise gets past the first look.
      var bytes = random.bytes(Int.random(in: 1...600, using: &random))
      if round % 3 > 0 {
        bytes = record(type: 22, [UInt8(round % 3), 0, 0, UInt8(bytes.count & 0xFF)] + bytes)
      }
      pair.server.receive(bytes)
      pair.client.receive(bytes)
      #expect(pair.server.session.state != .open, "seed \(seed), round \(round)")
      #expect(pair.client.session.state != .open, "seed \(seed), round \(round)")
    }
  }

  @Test("noise into an open session closes it, and none of it is read")
  func noiseWhenOpen() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for round in 0..<50 {
      var pair = try Pair(credentials)
      pair.talk()
      // A record of application data with the right form and the wrong seal.
      pair.server.receive(record(type: 23, random.bytes(Int.random(in: 17...2000, using: &random))))
      #expect(pair.server.error != nil, "seed \(seed), round \(round)")
      #expect(pair.server.session.state == .closed, "seed \(seed), round \(round)")
      #expect(pair.server.plain.isEmpty, "seed \(seed), round \(round)")
    }
  }

  @Test("a closed session takes and gives nothing, however much comes")
  func afterTheEnd() throws {
    var pair = try Pair(credentials)
    pair.server.receive(Array("GET / HTTP/1.1\r\n\r\n".utf8))
    _ = pair.server.take()
    pair.server.error = nil
    pair.server.receive([UInt8](repeating: 22, count: 1 << 20))
    #expect(pair.server.error == nil)
    #expect(pair.server.wire.isEmpty)
    #expect(pair.server.plain.isEmpty)
  }

  @Test("a message that would be 16 MiB is refused by its head, not collected")
  func tooLong() throws {
    var pair = try Pair(credentials)
    pair.server.receive(record(type: 22, [1, 0xFF, 0xFF, 0xFF, 3, 3]))
    #expect(pair.server.error == .handshake(reason: "excessive message size"))
  }

  @Test("a server that answers in TLS 1.1 is refused where the same words in TLS 1.2 are taken")
  func oldServer() throws {
    func hello(minor: UInt8) -> [UInt8] {
      // No session, ECDHE-ECDSA-AES128-GCM-SHA256, no compression; renegotiation_info (RFC 5746 §3.4).
      let choices: [UInt8] = [0, 0xC0, 0x2B, 0] + [0, 5, 0xFF, 0x01, 0, 1, 0]
      let body: [UInt8] = [3, minor] + [UInt8](repeating: 7, count: 32) + choices
      return record(type: 22, [2, 0, 0, UInt8(body.count)] + body)
    }
    var old = try Pair(credentials)
    _ = old.client.take()
    old.client.receive(hello(minor: 2))
    #expect(old.client.error == .handshake(reason: "unsupported protocol"))
    // An alert, fatal: protocol_version.
    #expect(old.client.wire.first == 21 && old.client.wire.suffix(2) == [2, 70])
    var new = try Pair(credentials)
    new.client.receive(hello(minor: 3))
    #expect(new.client.error == nil)
    #expect(new.client.session.state == .handshaking)
  }

  @Test("neither a key nor what was said shows in a description or a dump")
  func secrets() throws {
    var pair = try Pair(credentials)
    pair.talk()
    try pair.client.write(Array("my password".utf8))
    pair.server.receive(pair.client.take())
    try #require(pair.server.plain == Array("my password".utf8))
    let key = try credentials.text(of: credentials.key).split(separator: "\n")[1]
    for session in [pair.client.session, pair.server.session] {
      var dumped = ""
      dump(session, to: &dumped)
      for shown in [dumped, "\(session)", String(reflecting: session)] {
        #expect(!shown.contains("my password") && !shown.contains(key))
      }
    }
  }

  @Test("a key file that cannot be read as one is named, not quoted")
  func quotedKey() throws {
    let secret = "MHcCAQEEIJ7secretsecretsecretsecret"
    let broken = try credentials.write(
      "-----BEGIN PRIVATE KEY-----\n\(secret)\n-----END PRIVATE KEY-----\n", to: "broken.key")
    let error = #expect(throws: TLSError.self) {
      _ = try TLSContext.server(certificate: credentials.certificate, key: broken)
    }
    let words = try #require(error).description
    #expect(words.hasPrefix("\(broken): "))
    #expect(!words.contains("secret"))
  }

  private func record(type: UInt8, _ body: [UInt8]) -> [UInt8] {
    [type, 3, 3, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
  }
}
