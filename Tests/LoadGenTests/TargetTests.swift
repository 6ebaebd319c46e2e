import Bytes
import Measurement
import Testing

@testable import LoadGen

@Suite struct TargetTests {
  @Test(
    "an address is taken apart",
    arguments: [
      ("ws://127.0.0.1:8000/ws?mode=echo", "127.0.0.1", 8000, "/ws?mode=echo", false),
      ("ws://localhost/ws", "127.0.0.1", 80, "/ws", false), ("ws://[::1]:9000", "::1", 9000, "/", false),
      ("ws://example.test:81?x=1", "example.test", 81, "/?x=1", false),
      ("wss://example.test/a", "example.test", 443, "/a", true),
      ("wss://[::1]/", "::1", 443, "/", true),
    ] as [(String, String, UInt16, String, Bool)])
  func parts(_ url: String, _ host: String, _ port: UInt16, _ path: String, _ isSecure: Bool) throws {
    let target = try Target(url)
    #expect(target.place == .tcp(host: host, port: port))
    #expect(target.path == path && target.isSecure == isSecure)
  }

  @Test(
    "a host without a path is asked for the standard one",
    arguments: [
      ("", "ws://127.0.0.1:8000/ws?mode=echo"), ("ws://localhost:8001", "ws://localhost:8001/ws?mode=echo"),
      ("wss://[::1]:1", "wss://[::1]:1/ws?mode=echo"), ("ws://a/", "ws://a/"), ("ws://a?x=1", "ws://a?x=1"),
      ("ws://a/ws/chat/", "ws://a/ws/chat/"), ("ws+unix:/x", "ws+unix:/x"),
    ])
  func hosts(_ host: String, _ address: String) {
    #expect(Target.address(ofHost: host) == address)
  }

  @Test("a certificate is asked for by the name that was typed")
  func names() throws {
    #expect(try Target("wss://localhost:8443/").host == "localhost")
    #expect(try Target("wss://example.test/").host == "example.test")
    #expect(try Target("wss://[::1]:1/").host == "::1")
  }

  @Test(
    "a Unix socket is named by its path",
    arguments: [
      ("ws+unix:/run/x.sock", "/run/x.sock", "/"),
      ("ws+unix:///run/x.sock:/ws?a=1", "/run/x.sock", "/ws?a=1"),
    ])
  func unix(_ url: String, _ socket: String, _ path: String) throws {
    let target = try Target(url)
    #expect(target.place == .unix(path: socket) && target.path == path && target.authority == "localhost")
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "", "http://a/", "ws://", "ws:///x", "ws://a:b/", "ws://a:99999/", "ws://a/\r\nX: y", "wss:///",
      "ws://a/#x",
      "ws+unix:", "ws+unix:x", "ws+unix:/", "ws+unix:/x:y", "ws+unix:/\(String(repeating: "x", count: 108))",
    ])
  func refused(_ url: String) {
    #expect(throws: Target.Malformed.self) { try Target(url) }
  }
}

@Suite struct ReconnectPolicyTests {
  @Test("policies are read, and jitter grows under its ceiling")
  func policies() throws {
    var random = SplitMix64(seed: 1)
    #expect(ReconnectPolicy("none")?.pause(attempt: 0, &random) == nil)
    #expect(ReconnectPolicy("250ms") == .own(.fixed(nanoseconds: 250_000_000)))
    #expect(ReconnectPolicy("jitter") == .jitter)
    #expect(ReconnectPolicy("jitter:30s") == .own(.jitter(ceiling: 30_000_000_000)))
    for text in ["soon", "jitter:", "jitter:0", "slots:5s", "fixed:5s", "0"] {
      #expect(ReconnectPolicy(text) == nil, "\(text)")
    }
    for attempt in 0...200 {
      let pause = try #require(ReconnectPolicy.jitter.pause(attempt: attempt, &random))
      #expect(pause > .zero && pause <= .milliseconds(min(5000, 100 << min(attempt, 6))))
    }
  }
}

@Suite struct SendRingTests {
  @Test("every socket has its turn, in the order of the plan, at its intended time")
  func order() {
    let schedule = Schedule(sockets: 50, rate: 0, sendRate: 10, seed: 9)
    var ring = SendRing(schedule, sockets: 10..<20)
    var previous: UInt64 = 0
    for round in 0..<5 as Range<UInt64> {
      for index in 0..<10 {
        let due = ring.due
        #expect(due == schedule.phase(of: 10 + index) + round * 100_000_000)
        #expect((due ?? 0) >= previous)
        previous = due ?? 0
        #expect(ring.take() == index)
      }
    }
    #expect(SendRing(Schedule(sockets: 1, rate: 0, sendRate: 0, seed: 0), sockets: 0..<1).due == nil)
  }
}

@Suite struct NumberTests {
  @Test("figures for people")
  func figures() {
    #expect(Number.grouped(0) == "0")
    #expect(Number.grouped(1_234_567) == "1,234,567")
    #expect(Number.grouped(-1000) == "-1,000")
    #expect(Number.time(0) == "0 µs")
    #expect(Number.time(151_300) == "151 µs")
    #expect(Number.time(3_130_000) == "3.13 ms")
    #expect(Number.time(12_050_000_000) == "12.05 s")
    #expect(Number.plain(3) == "3")
    #expect(Number.plain(0.25) == "0.25")
  }
}
