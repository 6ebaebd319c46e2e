import Foundation
import Testing

extension EndToEnd {
  /// A host whose clock is wrong is a host like any other: what two of them have to agree on, Redis' clock says.
  @Suite(.serialized) struct WrongClockTests {
    @Test(
      "operators reach a host whose clock is an hour off, and are heard when they ask it",
      arguments: [3600, -3600])
    func commands(_ seconds: Int) throws {
      let redis = try OutsideRedis()
      let clock = try WrongClock(by: seconds)
      let right = try Server(["--redis", redis.url, "--host-id", "right"], workers: 1)
      let wrong = try Server(
        ["--redis", redis.url, "--host-id", "wrong"], workers: 1, environment: clock.environment)
      #expect(try Self.hour(of: wrong) != Self.hour(of: right))
      for (asked, target) in [(right, "wrong"), (wrong, "right"), (wrong, "wrong")] {
        let reply = try asked.http("POST", "/admin/undrain", body: #"{"target": "\#(target)"}"#)
        #expect(reply.status == 409 && reply.body.hasPrefix(#"{"detail": "there is no drain to take back""#))
      }
      let console = try Program(
        Program.path("wsconsole"), ["undrain", "--host", "wrong", "--redis", redis.url], in: redis.sandbox)
      #expect(try console.exitCode(within: 20, "wsconsole ends") == 1)
      #expect(try console.line(with: "wrong: ").hasSuffix("there is no drain to take back"))
    }

    @Test("a command that is late by Redis' clock is obeyed by nobody", arguments: [0, -3600])
    func late(_ seconds: Int) throws {
      let redis = try OutsideRedis()
      let clock = try WrongClock(by: seconds)
      let server = try Server(
        ["--redis", redis.url, "--host-id", "slow"], workers: 1, environment: clock.environment)
      let line = try RedisWire(path: redis.socketPath)
      let now = try line.ask("TIME").list.first?.text.flatMap { Int($0) } ?? 0
      try line.ask(
        "XADD", RedisWire.key("control"), "*", "id", "late", "verb", "drain", "target", "slow", "preset",
        "now",
        "deadline", "\(now * 1000 - 1000)", "issuer", "a test")
      var answer: [String: String]?
      try Deadline.until(5, "the command is answered") {
        answer = try line.events().first { $0["command"] == "late" }
        return answer != nil
      }
      #expect(
        answer?["answer"] == "refused" && answer?["reason"] == "its deadline had passed when it was read")
      #expect(try server.http("GET", "/readyz").status == 200)
    }

    @Test("a token of one host is good at the other, whatever their clocks say", arguments: [3600, -3600])
    func tokens(_ seconds: Int) throws {
      let redis = try OutsideRedis()
      let clock = try WrongClock(by: seconds)
      let right = try Server(["--redis", redis.url, "--host-id", "right"], workers: 1)
      let wrong = try Server(
        ["--redis", redis.url, "--host-id", "wrong"], workers: 1, environment: clock.environment)
      for (issuer, judge) in [(right, wrong), (wrong, right)] {
        let body = try issuer.http("POST", "/reconnect-token/ada").body
        let token = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: String]
        let ada = try judge.client("/ws/ada?token=\(token?["token"] ?? "")")
        try ada.send("it is me")
        #expect(try ada.text() == #"{"user": "ada", "message": "it is me"}"#)
        let before = try SluiceClient(issuer)
        let after = try SluiceClient(judge)
        try after.say([
          "type": "resume", "token": before.welcome["token"] ?? "", "epoch": before.welcome["epoch"] ?? "",
          "offset": before.welcome["offset"] ?? "", "id": 1,
        ])
        while true {
          let word = try after.any(within: 5, "resumed, or an error")
          if word["type"] as? String == "resumed" { break }
          #expect(word["type"] as? String != "error", "\(word)")
          if word["type"] as? String == "error" { break }
        }
      }
    }

    private static func hour(of server: Server) throws -> Substring? {
      try server.http("GET", "/livez").body.split(separator: "T").last?.prefix(2)
    }
  }
}
