import FleetState
import JSONText
import Testing

@testable import Server

@Suite struct ClientRecordTests {
  @Test("a record reads like the contract, whatever order Redis gives")
  func json() throws {
    let ada = try #require(ClientID("ada"))
    let host = try #require(Name("web-1"))
    let holder = Holder(host: host, slot: 1, life: 7, connection: 9)
    let record = ClientRecord(
      ada, holder: holder,
      fields: [
        ("g:red", "1"), ("d:z", #""last""#), ("since", "1700000000123"), ("at", "\(holder)"),
        ("peer", "127.0.0.1:5"),
        ("d:a \"b\"", #"{"x":[1,null]}"#), ("bytes", "30"), ("g:blue", "1"),
      ])
    #expect(
      record.json
        == #"{"client_id": "ada", "connected": true, "host": "web-1", "worker": 1, "peer": "127.0.0.1:5", "#
        + #""since": "2023-11-14T22:13:20.123Z", "groups": ["blue", "red"], "#
        + #""data": {"a \"b\"": {"x": [1, null]}, "z": "last"}}"#)
  }

  @Test("what others wrote into it is passed over")
  func strange() throws {
    let ada = try #require(ClientID("ada"))
    let record = ClientRecord(
      ada, holder: nil,
      fields: [
        ("g:a b", "1"), ("d:x", "{not json"), ("since", "99999999999999999999"), ("", ""),
        ("peer", "\u{1B}[2J"),
      ])
    #expect(record.json == #"{"client_id": "ada", "connected": false, "groups": [], "data": {}}"#)
  }

  @Test("the largest moment traps nobody")
  func farFuture() throws {
    let holder = try #require(Holder("web-1/0/1/2"))
    let ada = try #require(ClientID("ada"))
    let record = ClientRecord(ada, holder: holder, fields: [("since", "18446744073709551615")])
    #expect(!record.json.contains("since"))
  }

  @Test("a holder reads back; what is none is none")
  func holders() {
    let text = "web-1/3/18446744073709551615/4294967297"
    #expect(Holder(text)?.description == text)
    for wrong in ["", "/", "a/1/2", "a/1/2/3/4", "a/-1/2/3", "a/1024/2/3", "a b/1/2/3", "a/1/x/3", "a/1/2/"] {
      #expect(Holder(wrong) == nil, "\(wrong)")
    }
  }

  @Test("statistics have exactly the members of the contract")
  func stats() throws {
    let clients = [ClientID("ada"), ClientID("\"")].compactMap { $0 }
    let size = ClientStats.bytesPerSocket
    let text = ClientStats.render(clients, data: 1)
    #expect(
      text
        == #"{"active_connections": 2, "client_ids": ["ada", "\""], "memory": {"total_memory": \#(2 * size + 1), "#
        + #""connection_count": 2, "per_connection_average": \#(size).5}}"#)
    #expect(ClientStats.render([], data: -5).hasSuffix(#""per_connection_average": 0}}"#))
  }
}
