import Testing

@testable import Server

@Suite struct GateOrderTests {
  private static let files = CertificateFiles(certificate: "/srv/a \"b\".pem", key: "/srv/🛰.key")
  private static let pass = GatePass(text: "40001:000102030405060708090a0b0c0d0eff")

  private static var assignments: [GateAssignment] {
    [pass].compactMap { $0 }.map {
      GateAssignment(
        slot: 1, generation: .max, slots: 2, addresses: 3, pass: $0, files: files, logLevel: "INFO",
        logFormat: "json", controlPath: "/run/c.sock")
    }
  }

  private static var orders: [GateOrder] {
    assignments.map { .begin($0) } + [.renew(files), .retire, .stop]
  }

  private static var words: [GateWord] {
    assignments.map { .registered(GateRegistration(assignment: $0, pid: 77, isRetired: true)) }
      + [.ready, .refused(reason: "too \"late\"\n")]
  }

  @Test("a pass crosses a channel unchanged, and what is none is none")
  func passes() throws {
    let pass = try #require(Self.pass)
    #expect(pass.port == 40_001 && pass.secret.first == 0 && pass.secret.last == 255)
    #expect(GatePass(text: pass.text) == pass)
    let fresh = try #require(GatePass(port: 9))
    #expect(GatePass(text: fresh.text) == fresh && fresh.secret != GatePass(port: 9)?.secret)
    for text in [
      "", "1", "1:", "1:00", "65536:\(pass.text.dropFirst(6))", "1:\(String(repeating: "g", count: 32))",
    ] {
      #expect(GatePass(text: text) == nil, "\(text)")
    }
  }

  @Test("an order crosses the channel unchanged, and cut short anywhere is none", arguments: orders)
  func order(_ order: GateOrder) {
    let packet = order.packet
    let read = GateOrder(packet.span)
    #expect(read == order)
    for count in packet.indices {
      let cut = GateOrder(packet.span.extracting(first: count))
      #expect(cut == nil)
    }
  }

  @Test("a word crosses the channel unchanged, and is no worker's word", arguments: words)
  func word(_ word: GateWord) {
    let packet = word.packet
    let read = GateWord(packet.span)
    let workers = Word(packet.span)
    #expect(read == word && workers == nil)
  }

  @Test(
    "what means nothing is nothing",
    arguments: [
      "", "{}", #"{"verb": "fly"}"#, #"{"verb": "gate-renew"}"#, #"{"verb": "gate-begin", "slot": 1}"#,
    ])
  func nonsense(_ text: String) {
    let read = GateOrder(text.utf8.span)
    #expect(read == nil)
  }
}
