import JSONText
import Testing

@testable import FleetState

@Suite struct TaskWorkTests {
  @Test(
    "a sleep lasts what it is told, a second if nothing is said",
    arguments: [
      ("null", 1000), ("3", 3000), ("2.5", 2500), ("0", 0), (#"{"seconds": 86400}"#, 86_400_000),
      ("{}", 1000),
    ])
  func sleep(_ payload: String, _ milliseconds: Int64) throws {
    let work = try TaskWork(.sleep, JSONValue.read(payload))
    #expect(work == .sleep(milliseconds: milliseconds))
  }

  @Test(
    "a sleep of no sense is refused",
    arguments: ["-1", "86400.1", "1e300", #""3""#, "true", "[3]", #"{"seconds": "3"}"#])
  func noSleep(_ payload: String) throws {
    let value = try JSONValue.read(payload)
    #expect(throws: TaskRefusal.self) { try TaskWork(.sleep, value) }
  }

  @Test("a broadcast says a text, or JSON as text, to the halls it names")
  func broadcast() throws {
    let plain = try TaskWork(.broadcast, .string("hello"))
    #expect(plain == .broadcast(text: "hello", form: .text, halls: .all))
    let named = try TaskWork(
      .broadcast, JSONValue.read(#"{"message": {"a": 1}, "halls": ["ws", "chat"], "delay": 2}"#))
    #expect(named == .broadcast(text: #"{"a": 1}"#, form: .json, halls: [Halls(.ws), Halls(.chat)]))
  }

  @Test(
    "a broadcast of nothing, or to no hall of ours, is refused",
    arguments: [
      "null", "3", "{}", #"{"message": null}"#, #"{"message": "x", "halls": []}"#,
      #"{"message": "x", "halls": ["moon"]}"#, #"{"message": "x", "halls": ["ws", 3]}"#,
    ])
  func noBroadcast(_ payload: String) throws {
    let value = try JSONValue.read(payload)
    #expect(throws: TaskRefusal.self) { try TaskWork(.broadcast, value) }
  }

  @Test("a webhook goes where it says, or with the whole payload to the configured place")
  func webhook() throws {
    let url = try #require(WebhookURL("http://127.0.0.1:9/x"))
    let named = try TaskWork(.webhook, JSONValue.read(#"{"url": "http://127.0.0.1:9/x", "body": [1, "é"]}"#))
    #expect(named == .webhook(url, body: #"[1,"é"]"#))
    let configured = try TaskWork(.webhook, JSONValue.read(#"{"order": 7}"#), configured: url)
    #expect(configured == .webhook(url, body: #"{"order":7}"#))
    #expect(throws: TaskRefusal.self) { try TaskWork(.webhook, .null) }
    #expect(throws: TaskRefusal.self) { try TaskWork(.webhook, JSONValue.read(#"{"url": "ftp://a/"}"#)) }
  }

  @Test("only what may be late has a delay")
  func delay() throws {
    let late = try JSONValue.read(#"{"message": "x", "url": "http://a/", "delay": 1.5}"#)
    #expect(try TaskWork.delay(.broadcast, late) == 1500)
    #expect(try TaskWork.delay(.webhook, late) == 1500)
    #expect(try TaskWork.delay(.sleep, late) == 0)
    // A payload that goes out as it is means nothing to us.
    #expect(try TaskWork.delay(.webhook, JSONValue.read(#"{"delay": "soon"}"#)) == 0)
    #expect(throws: TaskRefusal.self) {
      try TaskWork.delay(.broadcast, JSONValue.read(#"{"delay": "soon"}"#))
    }
  }
}
