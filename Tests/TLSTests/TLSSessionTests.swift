import Bytes
import Testing

@testable import TLS

@Suite struct TLSSessionTests {
  private let credentials: Credentials

  init() throws { credentials = try Credentials() }

  private func opened() throws -> Pair {
    var pair = try Pair(credentials)
    pair.talk()
    try #require(pair.client.session.state == .open && pair.server.session.state == .open)
    return pair
  }

  @Test(
    "the two understand each other, however the wire cuts their words", arguments: [1, 2, 5, 6, 100, .max])
  func pieces(_ count: Int) throws {
    var pair = try Pair(credentials)
    pair.talk(inPiecesOf: count)
    #expect(pair.client.session.state == .open)
    #expect(pair.server.session.state == .open)
    #expect(pair.client.session.version == "TLSv1.3")
    try pair.client.write(Array("question".utf8))
    pair.talk(inPiecesOf: count)
    try pair.server.write(Array("answer".utf8))
    pair.talk(inPiecesOf: count)
    #expect(pair.server.plain == Array("question".utf8))
    #expect(pair.client.plain == Array("answer".utf8))
  }

  @Test("a megabyte goes through both ways and keeps its order")
  func large() throws {
    var pair = try opened()
    let long = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    try pair.client.write(long)
    try pair.server.write(Array(long.reversed()))
    pair.talk(inPiecesOf: 9973)
    #expect(pair.server.plain == long)
    #expect(pair.client.plain == long.reversed())
  }

  @Test(
    "names and addresses of the certificate are taken",
    arguments: ["localhost", "LOCALHOST", "localhost.", "a.example.test", "127.0.0.1", "::1"])
  func rightHost(_ host: String) throws {
    var pair = try Pair(credentials, host: host)
    pair.talk()
    #expect(pair.client.session.state == .open)
  }

  @Test(
    "another name or address is refused, and the server hears of it",
    arguments: [
      ("example.test", "hostname mismatch"), ("a.b.example.test", "hostname mismatch"),
      ("localhost.evil", "hostname mismatch"), ("127.0.0.2", "IP address mismatch"),
      ("::2", "IP address mismatch"),
    ])
  func wrongHost(_ host: String, _ reason: String) throws {
    var pair = try Pair(credentials, host: host)
    pair.talk()
    #expect(pair.client.error == .untrusted(reason: reason))
    #expect(pair.client.session.state == .closed)
    #expect(pair.server.error != nil)
    #expect(pair.server.session.state == .closed)
  }

  @Test("a certificate of a stranger is refused")
  func strangeRoot() throws {
    var pair = try Pair(credentials, trusting: credentials.otherCertificate)
    pair.talk()
    guard case .untrusted = pair.client.error else {
      Issue.record("\(String(describing: pair.client.error))")
      return
    }
    #expect(pair.server.session.state == .closed)
  }

  @Test("what is no name never goes unchecked", arguments: ["", ".", "localhost\0.evil", ".example.test"])
  func noName(_ host: String) {
    #expect(throws: TLSError.name(host)) { _ = try Pair(credentials, host: host) }
  }

  @Test("an end without a goodbye is no end")
  func cutOff() throws {
    let fresh = try Pair(credentials)
    #expect(throws: TLSError.cutOff) { try fresh.server.session.end() }
    var pair = try opened()
    try pair.server.write(Array("half of".utf8))
    pair.talk()
    #expect(throws: TLSError.cutOff) { try pair.client.session.end() }
    #expect(pair.client.session.state == .closed)
  }

  @Test("a goodbye is answered, and the end is well")
  func goodbye() throws {
    var pair = try opened()
    try pair.server.write(Array("all".utf8))
    pair.server.close()
    pair.client.receive(pair.server.take())
    #expect(pair.client.plain == Array("all".utf8))
    #expect(pair.client.session.state == .closed)
    #expect(!pair.client.wire.isEmpty)
    try pair.client.session.end()
    try pair.server.session.end()
    #expect(throws: TLSError.notOpen) { try pair.client.write([1]) }
  }

  @Test("an end that hears the other out is owed nothing, and may still write until it says goodbye itself")
  func owing() throws {
    var pair = try opened()
    pair.server.session.hearsOut = true
    try pair.client.write(Array("last".utf8))
    pair.client.close()
    pair.server.receive(pair.client.take())
    #expect(pair.server.plain == Array("last".utf8) && pair.server.session.state == .owing)
    try pair.server.session.end()
    try pair.server.write(Array("answer".utf8))
    let answer = pair.server.take()
    #expect(!answer.isEmpty && pair.server.session.state == .owing)
    pair.server.close()
    #expect(!pair.server.take().isEmpty && pair.server.session.state == .closed)
    #expect(throws: TLSError.notOpen) { try pair.server.write([1]) }
  }

  @Test("a goodbye cut short anywhere is none")
  func shortGoodbye() throws {
    var pair = try opened()
    pair.server.close()
    let goodbye = pair.server.take()
    pair.client.receive(Array(goodbye.dropLast()))
    #expect(throws: TLSError.cutOff) { try pair.client.session.end() }
  }

  @Test("nothing is written before the handshake is done")
  func early() throws {
    var pair = try Pair(credentials)
    #expect(throws: TLSError.notOpen) { try pair.client.write([1]) }
    #expect(throws: TLSError.notOpen) { try pair.server.write([1]) }
  }

  @Test("a byte changed on the way: nothing of its record is read")
  func changed() throws {
    var length = 30
    var index = 0
    while index < length {
      var pair = try opened()
      try pair.client.write(Array("secret".utf8))
      var record = pair.client.take()
      length = record.count
      record[index] ^= 0x01
      pair.server.receive(record)
      #expect(pair.server.plain.isEmpty, "byte \(index)")
      // A longer length makes it wait for more; anything else it knows for wrong at once.
      #expect(pair.server.error != nil || pair.server.session.state == .open && (3...4).contains(index))
      index += 1
    }
  }

  @Test(
    "who speaks something else is told off, with the reason",
    arguments: [
      ("GET / HTTP/1.1\r\n\r\n", "http request"), ("\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "wrong version number"),
    ])
  func otherProtocol(_ text: String, _ reason: String) throws {
    var pair = try Pair(credentials)
    pair.server.receive(Array(text.utf8))
    #expect(pair.server.error == .handshake(reason: reason))
    #expect(pair.server.session.state == .closed)
  }

  @Test("TLS 1.1 is refused where the same words in TLS 1.2 are answered")
  func oldVersion() throws {
    func hello(minor: UInt8) -> [UInt8] {
      // ecdsa_secp256r1_sha256 over secp256r1, without which OpenSSL finds no cipher in common.
      let extensions: [UInt8] = [0, 13, 0, 4, 0, 2, 4, 3] + [0, 10, 0, 4, 0, 2, 0, 23]
      let head: [UInt8] = [3, minor] + [UInt8](repeating: 7, count: 32) + [0]
      let body = head + [0, 4, 0xC0, 0x2B, 0xC0, 0x0A, 1, 0, 0, UInt8(extensions.count)] + extensions
      return [22, 3, 1, 0, UInt8(body.count + 4), 1, 0, 0, UInt8(body.count)] + body
    }
    var old = try Pair(credentials)
    old.server.receive(hello(minor: 2))
    #expect(old.server.error == .handshake(reason: "unsupported protocol"))
    // An alert, fatal: protocol_version.
    #expect(old.server.wire.first == 21 && old.server.wire.last == 70)
    var new = try Pair(credentials)
    new.server.receive(hello(minor: 3))
    #expect(new.server.error == nil)
    #expect(new.server.wire.first == 22)
  }

  @Test("a server's words changed anywhere never open a client")
  func changedHandshake() throws {
    var index = 0
    var length = 1
    while index < length {
      var pair = try Pair(credentials)
      pair.server.receive(pair.client.take())
      var flight = pair.server.take()
      length = flight.count
      flight[index] ^= 0x10
      pair.client.receive(flight)
      #expect(pair.client.session.state != .open, "byte \(index)")
      index += 7
    }
    #expect(length > 500)
  }
}
