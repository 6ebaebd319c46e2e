import EventLoop
import FleetState
import Foundation
import Testing

@testable import RedisClient

/// A redis-server that speaks TLS only, with a certificate of a throw-away authority.
private final class SealedRedis {
  let disk: RedisOnDisk
  let port: UInt16

  init() throws {
    // A port that was free a moment ago.
    let listener = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    port = try #require(Socket.localPort(of: listener.number))
    _ = consume listener
    disk = try RedisOnDisk()
    disk.kill()
    try Self.openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=sluice test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
      disk.directory + "/key.pem", "-out", authority)
    try disk.start(with: [
      "--tls-port", "\(port)", "--tls-cert-file", authority, "--tls-key-file", disk.directory + "/key.pem",
      "--tls-ca-cert-file", authority, "--tls-auth-clients", "no", "--requirepass", "s3cret",
    ])
  }

  var authority: String { disk.directory + "/cert.pem" }

  private static func openssl(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }
}

@Suite struct RedisTransportTests {
  @Test("rediss:// speaks to a redis-server that speaks nothing but TLS, short words and long ones")
  func sealed() throws {
    let server = try SealedRedis()
    let loop = try EventLoop()
    let endpoint = try RedisEndpoint(
      parsing: "rediss://:s3cret@127.0.0.1:\(server.port)/0?ca=\(server.authority)")
    let redis = Redis(loop, endpoint: endpoint, name: "test")
    redis.open()
    #expect(try loop.run { redis.isReady })
    let long = String(repeating: "x", count: 300_000)
    var answers: [Redis.Answer] = []
    redis.send("SET", "a", long) { answers.append($0) }
    redis.send("GET", "a") { answers.append($0) }
    #expect(try loop.run { answers.count == 2 })
    #expect(try answers.last?.get().text == long)
    redis.close()
  }

  @Test("whom we do not trust is not spoken to, and the reason is named")
  func untrusted() throws {
    let server = try SealedRedis()
    let loop = try EventLoop()
    for (query, word) in [("", "not trusted"), ("?ca=/nonexistent.pem", "/nonexistent.pem")] {
      let endpoint = try RedisEndpoint(parsing: "rediss://:s3cret@127.0.0.1:\(server.port)\(query)")
      let redis = Redis(loop, endpoint: endpoint, name: "test")
      redis.open()
      #expect(try loop.run { redis.lastError != nil })
      let reason = "\(try #require(redis.lastError))"
      #expect(reason.contains(word) && !reason.contains("s3cret"))
      #expect(!redis.isReady)
      redis.close()
    }
  }

  @Test("a server that does not speak TLS gets no password")
  func plainServer() throws {
    let server = try RedisOnDisk()
    server.kill()
    let listener = try Socket.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let port = try #require(Socket.localPort(of: listener.number))
    _ = consume listener
    try server.start(with: ["--port", "\(port)"])
    let loop = try EventLoop()
    let redis = Redis(
      loop, endpoint: RedisEndpoint(.tcp(host: "127.0.0.1", port: port, tls: true), password: "p"), name: "t")
    redis.open()
    #expect(try loop.run { redis.lastError != nil })
    #expect(!redis.isReady && redis.health != .up)
    redis.close()
  }
}
