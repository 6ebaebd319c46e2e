import EventLoop
import Testing

@testable import RedisClient

@Suite struct RedisEndpointTests {
  @Test(
    "every form is understood",
    arguments: [
      ("redis://localhost", RedisEndpoint(.tcp(host: "localhost", port: 6379, tls: false))),
      ("redis://", RedisEndpoint(.tcp(host: "127.0.0.1", port: 6379, tls: false))),
      ("redis://10.0.0.1:7000/5", RedisEndpoint(.tcp(host: "10.0.0.1", port: 7000, tls: false), database: 5)),
      ("redis://[::1]:7000", RedisEndpoint(.tcp(host: "::1", port: 7000, tls: false))),
      ("redis://[::1]", RedisEndpoint(.tcp(host: "::1", port: 6379, tls: false))),
      ("rediss://r/0?x=1", RedisEndpoint(.tcp(host: "r", port: 6379, tls: true))),
      (
        "rediss://r:7/2?x=1&ca=/etc/a%20b.pem",
        RedisEndpoint(.tcp(host: "r", port: 7, tls: true), database: 2, authority: "/etc/a b.pem")
      ),
      ("redis://:pw@h", RedisEndpoint(.tcp(host: "h", port: 6379, tls: false), password: "pw")),
      (
        "redis://u:p%40%3A%2F@h",
        RedisEndpoint(.tcp(host: "h", port: 6379, tls: false), user: "u", password: "p@:/")
      ),
      (
        "redis://u:a:b@c@h:1",
        RedisEndpoint(.tcp(host: "h", port: 1, tls: false), user: "u", password: "a:b@c")
      ),
      ("unix:///run/r.sock", RedisEndpoint(.unix(path: "/run/r.sock"))),
      ("unix:/run/r.sock", RedisEndpoint(.unix(path: "/run/r.sock"))),
      ("unix:///run/a@b?db=3", RedisEndpoint(.unix(path: "/run/a@b"), database: 3)),
      ("unix://u:p@/r%20s", RedisEndpoint(.unix(path: "/r s"), user: "u", password: "p")),
      ("/srv/100%?/r.sock", RedisEndpoint(.unix(path: "/srv/100%?/r.sock"))),
      ("/run/r.sock", RedisEndpoint(.unix(path: "/run/r.sock"))),
    ])
  func forms(text: String, endpoint: RedisEndpoint) throws {
    #expect(try RedisEndpoint(parsing: text) == endpoint)
    #expect(try RedisEndpoint(parsing: endpoint.url) == endpoint)
  }

  @Test(
    "what is none is refused, without a word of the password",
    arguments: [
      "", "localhost", "http://secret@h", "redis://u:secret@h:0", "redis://u:secret@h:99999", "redis://[::1",
      "redis://u:secret@h/x", "redis://u:secret@h/-1", "redis://u:secret%zz@h", "unix://u:secret@relative",
      "redis://u:secret@h:1:2x", "rediss://u:secret@h?ca=relative.pem",
    ])
  func refused(_ text: String) {
    let error = #expect(throws: RedisEndpoint.Malformed.self) { try RedisEndpoint(parsing: text) }
    #expect(error?.description.contains("secret") == false)
  }

  @Test("printing it hides the password")
  func masked() throws {
    let endpoint = try RedisEndpoint(parsing: "redis://ada:secret@h/2")
    #expect("\(endpoint)" == "redis://ada:***@h:6379/2")
    #expect(endpoint.url == "redis://ada:secret@h:6379/2")
  }

  @Test("addresses are numbers")
  func addresses() throws {
    #expect(
      try RedisEndpoint(parsing: "redis://127.0.0.1").addresses() == [.tcp(host: "127.0.0.1", port: 6379)])
    let local = try RedisEndpoint(parsing: "redis://localhost:7").addresses()
    #expect(local == [.tcp(host: "127.0.0.1", port: 7), .tcp(host: "::1", port: 7)])
    #expect(try RedisEndpoint(parsing: "/r").addresses() == [.unix(path: "/r")])
  }
}
