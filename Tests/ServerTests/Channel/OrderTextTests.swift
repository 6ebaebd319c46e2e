import Bytes
import Testing

@testable import Server

@Suite struct OrderTextTests {
  private static let assignment = Assignment(
    role: .standby, streams: 4096, slot: 1, generation: .max, slots: 2, host: "web-1",
    state: "/srv/s", redis: "unix:/tmp/r", addresses: 1,
    pass: GatePass(text: "40001:000102030405060708090a0b0c0d0eff"), listensPublicly: true,
    controlPath: "/run/c.sock",
    arguments: ["--listen", "[::1]:0", "quote \" 🛰"])
  private static let told = Told(slot: 3, request: 1 << 62, total: 7, failed: 2)

  private static let orders: [Order] = [
    .begin(assignment), .drain(number: .max, timeoutSeconds: 30), .resume, .close(count: .max, .forced),
    .close(count: 0, .paced), .progress(sockets: 5, remainingSeconds: 9), .stop(.complete), .stop(.forced),
    .cover(slot: 1), .uncover(slot: 0), .told(told), .tie(Tie(generation: 4, pid: 99, isWorker: true)),
    .tie(Tie(generation: 5, pid: 1, isWorker: false)), .takeOver(.killed), .takeOver(.fault), .prepare,
    .handOver(to: .max), .audit(fixing: true), .audit(fixing: false), .retire,
    .give(count: 900, to: 3), .receive(from: 0),
  ]

  private static let words: [Word] = [
    .gave(Gift(to: 1, sockets: 64, micros: 1200, isAll: true)), .gave(Gift(to: 0, sockets: 0, micros: 0)),
    .ready, .kept, .prepared, .unchanged(reason: "too \"late\"\n"), .draining(number: 3), .told(told),
    .serving(
      Succession(sockets: 1, missing: 2, broken: 3, micros: 4, isPlanned: true, hadSuspect: false)),
    .audited(AuditWord(checked: 7, gaps: [Audit.Gap(kind: .ghost, count: 2, fixed: 1)], kept: nil)),
    .audited(AuditWord(checked: 0, gaps: [], kept: 9)),
    .registered(Registration(assignment: assignment, pid: 77, isServing: true, keepsAll: false)),
  ]

  @Test("an order crosses the channel unchanged", arguments: orders)
  func order(_ order: Order) {
    let packet = order.packet
    let read = Order(packet.span)
    #expect(read == order)
  }

  @Test("a word crosses the channel unchanged", arguments: words)
  func word(_ word: Word) {
    let packet = word.packet
    let read = Word(packet.span)
    #expect(read == word)
  }

  @Test("what is cut short anywhere is no order", arguments: orders)
  func cut(_ order: Order) {
    let packet = order.packet
    for count in packet.indices {
      let read = Order(packet.span.extracting(first: count))
      #expect(read == nil, "\(count) of \(packet.count)")
    }
  }

  @Test(
    "what means nothing is nothing",
    arguments: [
      "", "{}", "[]", #"{"verb": "fly"}"#, #"{"verb": "cover"}"#, #"{"verb": "hand-over", "to": -1}"#,
      #"{"verb": "hand-over", "to": 4294967296}"#, #"{"verb": "take-over", "death": "old age"}"#,
      #"{"verb": "tie", "generation": 1, "pid": 4294967296, "worker": true}"#,
    ])
  func nonsense(_ text: String) {
    let order = Order(text.utf8.span)
    #expect(order == nil)
    let word = Word(text.utf8.span)
    #expect(word == nil)
  }
}
