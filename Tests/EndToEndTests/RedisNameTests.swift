import Testing

extension EndToEnd {
  /// A Redis that is known by a name, as in every compose file and cluster.
  @Suite(.serialized) struct RedisNameTests {
    private static func redis(at address: String) throws -> OutsideRedis {
      try OutsideRedis(["--port", "6397", "--bind", address])
    }

    @Test("it is found when its name comes after us, and where its name has gone when it comes back")
    func moves() throws {
      let directory = try Directory()
      let net = "127.\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"
      let server = try Server(["--redis", "redis://db:6397"], environment: directory.environment)
      #expect(try server.program.line(with: "no Redis at redis://db:6397").contains("there is no host db"))
      #expect(try server.http("GET", "/readyz").body.contains(#""redis": "down""#))

      let first = try Self.redis(at: "\(net).1")
      try directory.move(to: "\(net).1")
      try server.count(becomes: 0)
      let client = try server.client("/ws?notify=0")
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "one"}"#).status == 200)
      #expect(try client.text() == "one")

      try first.kill()
      let second = try Self.redis(at: "\(net).2")
      try directory.move(to: "\(net).2")
      try Deadline.until(10, "the new place is found") {
        try server.http("POST", "/broadcast", body: #"{"message": "two"}"#).status == 200
      }
      #expect(try client.text() == "two")
      try second.kill()
    }
  }
}
