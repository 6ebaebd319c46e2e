import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// How fast a drain sends its clients to the other hosts of the fleet.
  @Suite(.serialized) struct DrainPaceTests {
    private static let sockets = 400
    /// Of `pod=15`.
    private static let pace = 4

    /// Two hosts behind one door, and everybody on the first.
    private struct Fleet {
      let redis: OutsideRedis
      let wire: RedisWire
      let leaving: Server
      let staying: Server
      let door: Door
      let load: Program
      let report: String

      init() throws {
        redis = try OutsideRedis()
        wire = try RedisWire(path: redis.socketPath)
        leaving = try Server(["--redis", redis.url, "--host-id", "web-1", "--drain-preset", "pod=15"])
        staying = try Server(["--redis", redis.url, "--host-id", "web-2"])
        door = try Door(to: leaving.port)
        report = "\(redis.sandbox.path)/load.json"
        load = try Program(
          Program.path("wsload"),
          [
            "ws://127.0.0.1:\(door.port)/ws?mode=echo&notify=0", "--sockets", "\(sockets)", "--duration",
            "20",
            "--send-rate", "0.1", "--reconnect", "10ms", "--json", report, "--quiet", "--assert",
            "open_at_end==wanted && reconnects==\(sockets) && duplicated==0",
          ], in: redis.sandbox)
        try leaving.count(becomes: sockets, within: 10)
      }

      func drain() throws {
        door.lead(to: staying.port)
        leaving.program.signal(SIGTERM)
        try leaving.program.line(with: "Shutdown initiated")
      }

      /// A host of the fleet that is only a record.
      func tell(lag micros: Int, lease: Int = 60_000) throws {
        let key = RedisWire.key("host:web-3")
        try wire.ask("HSET", key, "id", "web-3", "state", "serving", "sockets", "0", "lag_us", "\(micros)")
        try wire.ask("PEXPIRE", key, "\(lease)")
        try wire.ask("SADD", RedisWire.key("hosts"), "web-3")
      }

      /// Those who came back, by tenths of a second from the first of them on.
      func end() throws -> [Int] {
        #expect(try leaving.program.exitCode(within: 25, "the drain ends") == 0)
        try leaving.program.line(
          with: "drain ledger: start=\(sockets) handed=0 moved=0 left=0 paced=\(sockets) forced=0 lost=0",
          within: 1)
        #expect(try load.exitCode(within: 30, "wsload ends") == 0, "\(load.output)")
        let data = try Data(contentsOf: URL(fileURLWithPath: report))
        let report = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let herd = (report["reconnects"] as? [String: Any])?["herd_per_100ms"] as? [Int] ?? []
        #expect(herd.reduce(0, +) == sockets)
        return Array(herd.drop { $0 == 0 })
      }
    }

    /// The most that came back in any second. Clients come back a moment after they were sent away, which moves a
    /// few of them into the next tenth.
    private func fullestSecond(_ herd: [Int]) -> Int {
      herd.indices.reduce(0) { max($0, herd[$1...].prefix(10).reduce(0, +)) }
    }

    private let limit = sockets * 3 / 2 / pace + sockets / pace / 10

    @Test("with calm hosts around it the herd is even")
    func calm() throws {
      let fleet = try Fleet()
      try fleet.drain()
      var rates: [Int] = []
      try Deadline.until(14, "it says at what rate it paces") {
        rates += try rate(fleet, "per_second=").map { [$0] } ?? []
        return rates.count > 0
      }
      #expect(rates.allSatisfy { (50...110).contains($0) }, "\(rates)")
      try Deadline.until(4, "the other host tells what it has to do with them") {
        let vitals = try fleet.wire.ask("HGETALL", RedisWire.key("host:web-2")).pairs
        return vitals["accept_queue"] != nil && Int(vitals["redis_us"] ?? "") ?? 0 > 0
          && Int(vitals["lag_us"] ?? "") ?? 0 > 0
          && (50...limit).contains(Int(vitals["accepted_per_s"] ?? "") ?? 0)
      }
      let herd = try fleet.end()
      #expect(fullestSecond(herd) <= limit, "\(herd)")
    }

    @Test("a strained survivor slows it down, is named, and the deadline holds")
    func strained() throws {
      let fleet = try Fleet()
      try fleet.tell(lag: 400_000)
      try fleet.drain()
      try fleet.leaving.program.line(with: "pace lowered to 25 %: web-3 loop lag 400 ms", within: 14)
      try Deadline.until(2, "its record tells the rate") { (try rate(fleet, "pace=") ?? 100) <= 40 }
      #expect(
        try fleet.wire.events().contains {
          $0["kind"] == "drain" && $0["text"] == "pace lowered to 25 %: web-3 loop lag 400 ms"
        })
      let herd = try fleet.end()
      #expect(fullestSecond(herd) <= limit, "\(herd)")
      // A hundred of a calm pace.
      #expect(herd.prefix(10).reduce(0, +) <= 60, "\(herd)")
      #expect(
        fleet.leaving.program.output.contains("in spite of web-3 loop lag 400 ms: the deadline comes first\n")
      )
    }

    @Test("one that has gone silent counts as strained until its lease is over, then the pace recovers")
    func silent() throws {
      let fleet = try Fleet()
      try fleet.drain()
      try Deadline.until(14, "it paces") {
        try fleet.tell(lag: 0, lease: 1500)
        return try rate(fleet, "pace=") != nil
      }
      let line = try fleet.leaving.program.line(with: "pace lowered to ", within: 3)
      #expect(line.contains(" %: web-3 silent for "))
      // Because nobody is strained any more, or because the deadline is near: what is known of others is seconds old.
      try fleet.leaving.program.line(with: "pace even again", within: 5)
      #expect(fullestSecond(try fleet.end()) <= limit)
    }

    private func rate(_ fleet: Fleet, _ name: String) throws -> Int? {
      let text = try fleet.wire.ask("HGET", RedisWire.key("host:web-1"), "drain").text ?? ""
      return text.split(separator: " ").last { $0.hasPrefix(name) }.flatMap { Int($0.dropFirst(name.count)) }
    }
  }
}
