import FleetState
import Testing

@testable import LoadGen

@Suite struct OrderTests {
  private let orders: [Order] = [
    .prepare(
      Task(
        arguments: ["ws://h/", "--seed=7"], addresses: ["127.0.0.1:80"], seed: 7, first: 3, end: 9, start: 0,
        run: 11)),
    .begin(1_795_000_000_123_456), .restarted(RestartEnd(number: 1, at: 77)), .stop,
  ]

  @Test("an order arrives as it was given; cut anywhere it is none, or no other one's")
  func travelling() {
    for order in orders {
      let packet = order.packet
      let read = Order(packet.span)
      #expect(read == order)
      for count in 0..<packet.count {
        let cut = Order(Array(packet[..<count]).span)
        #expect(cut != order)
      }
    }
  }

  @Test(
    "the packets of generators are no orders", arguments: ["s{}", "f", "e", "x", "y3", "n", "b", "b-1", "qq"])
  func strangers(_ text: String) {
    let bytes = Array(text.utf8)
    let order = Order(bytes.span)
    #expect(order == nil)
  }

  @Test("an agent's record comes back from its text; its id is its name and a sign, however long the name is")
  func records() {
    guard let name = Name(String(repeating: "n", count: 64)) else { return #expect(Bool(false)) }
    let id = AgentRecord.fresh(name, 0xABC)
    #expect(id.text == String(repeating: "n", count: 48) + ".000abc")
    let record = AgentRecord(id: id, name: name, host: "h \"1\"", version: "0.1.0")
    #expect(AgentRecord(record.text) == record)
    #expect(AgentRecord("{}") == nil && AgentRecord(String(record.text.dropLast())) == nil)
  }
}
