import CommandLine
import EventLoop
import RedisClient
import Testing

@testable import Server

@Suite struct ServerSettingsTests {
  private func read(_ arguments: [String] = [], preset: Preset? = nil, environment: [String: String] = [:])
    throws -> ServerSettings
  {
    var layers = Settings.Layers()
    layers.flags = try Invocation(arguments, of: Options.program).values
    layers.environment = environment
    layers.preset = preset?.values ?? [:]
    return try ServerSettings(Settings(Options.all, layers))
  }

  @Test("every name of a preset is a setting, and every value allowed", arguments: Preset.allCases)
  func presets(_ preset: Preset) throws {
    let names = Set(Options.all.map(\.fileName))
    #expect(preset.values.keys.allSatisfy { names.contains($0) })
    _ = try read(preset: preset)
  }

  @Test("presets are the older projects' tunings")
  func tunings() throws {
    let fast = try read(preset: .lowLatency)
    #expect(fast.heartbeatInterval == .seconds(5) && fast.heartbeatTimeout == .seconds(10))
    let slow = try read(preset: .slowProxy)
    #expect(slow.heartbeatInterval == .seconds(45) && slow.heartbeatTimeout == .seconds(90) && !slow.deflate)
    let high = try read(preset: .highLoad)
    #expect(high.limits.maxConnections == 50_000 && high.limits.broadcastPerTurn == 500)
    #expect(high.limits.cleanupPerTurn == 50 && high.remarks.count == 1)
    #expect(try read(["--heartbeat-interval", "1s"], preset: .alb).heartbeatInterval == .seconds(1))
  }

  @Test("the seventeen of the connection manager by their own names, with their own spellings")
  func seventeen() throws {
    let settings = try read(environment: [
      "HEARTBEAT_INTERVAL": "30.0", "HEARTBEAT_TIMEOUT": "60.0", "HEARTBEAT_TYPE": "custom",
      "MAX_CONNECTIONS": "None", "MAX_MESSAGE_SIZE": "1048576", "RECONNECT_TOKEN_TTL": "3600",
      "ENABLE_RECONNECT": "False", "COMPRESSION": "none", "LOG_LEVEL": "WARNING", "ENABLE_METRICS": "true",
      "NUM_SHARDS": "16", "MAX_CONCURRENT_CLEANUP": "7", "MAX_CONCURRENT_BROADCAST": "8",
      "MAX_MEMORY_PER_CONNECTION": "1048576", "MAX_TOTAL_MEMORY": "1GB", "MEMORY_EVICTION_POLICY": "fifo",
      "MEMORY_CHECK_INTERVAL": "60",
    ])
    #expect(settings.heartbeatInterval == .seconds(30) && settings.heartbeatType == .custom)
    #expect(settings.limits.maxConnections == nil && settings.limits.totalMemory == 1 << 30)
    #expect(settings.limits.eviction == .fifo && settings.limits.cleanupPerTurn == 7)
    #expect(!settings.enableReconnect && settings.enableMetrics && settings.logLevel == .warning)
    #expect(settings.remarks.count == 1)
  }

  @Test(
    "a wrong value is one line with the setting, the value, and what is allowed",
    arguments: [
      ("MAX_CONNECTIONS", "many", "0 to 1000000, or none"),
      ("MEMORY_EVICTION_POLICY", "mru", "lru, fifo, oldest"),
      ("LOG_LEVEL", "loud", "debug, info"), ("ALLOWED_ORIGINS", "app.example", "SCHEME://HOST"),
      ("SLUICE_PRESET", "fast", "low-latency"), ("HEARTBEAT_TYPE", "pong", "ping, custom"),
    ])
  func wrong(_ name: String, _ value: String, _ allowed: String) throws {
    let error = #expect(throws: UsageError.self) { try read(environment: [name: value]) }
    let line = try #require(error?.description)
    #expect(line.contains(name) && line.contains("'\(value)'") && line.contains(allowed))
    #expect(!line.contains("\n"))
  }

  @Test("of a Redis' URL and its host, what is said nearer counts: a flag before the environment")
  func redisHost() throws {
    let environment = ["REDIS_URL": "redis://far:7000"]
    let near = try read(["--redis-host", "near"], environment: environment)
    #expect(near.redis?.url == "redis://near:6379/0")
    #expect(
      try read(environment: environment.merging(["REDIS_HOST": "x"]) { $1 }).redis?.url
        == "redis://far:7000/0")
    #expect(try read(["--redis", "embedded"], environment: ["REDIS_HOST": "x"]).redis == nil)
  }

  @Test("a Redis password is in no line for people")
  func secrets() throws {
    var layers = Settings.Layers()
    layers.environment = ["REDIS_URL": "redis://ann:hunter2@db:7000/1", "ADMIN_TOKEN": "opensesame"]
    let table = try Settings(Options.all, layers).table(Options.all)
    #expect(!table.contains("hunter2") && !table.contains("opensesame"))
    #expect(table.contains("ann:***@db:7000/1"))
    layers.environment = ["REDIS_URL": "redis://ann:hunter2@db:port"]
    let error = #expect(throws: UsageError.self) { try Settings(Options.all, layers) }
    #expect(error?.description.contains("hunter2") == false)
    #expect(Options.secretVariables == ["REDIS_URL", "ADMIN_TOKEN"])
  }

  @Test("the admin token may lie in a file, alone on its line; a worker is told the token, not the file")
  func tokenFile() throws {
    let path = "/tmp/sluice-token-\(Machine.pid)-\(Machine.random())"
    defer { SmallFile.remove(path) }
    try SmallFile.replace(path, with: "s3cret\n")
    let settings = try read(["--admin-token-file", path])
    #expect(settings.adminToken == "s3cret")
    #expect(settings.arguments.contains("--admin-token=s3cret"))
    #expect(!settings.arguments.contains { $0.contains(path) })
    #expect(throws: StartError.self) { try read(["--admin-token-file", path, "--admin-token", "x"]) }
    try SmallFile.replace(path, with: "two words\n")
    #expect(throws: StartError.self) { try read(["--admin-token-file", path]) }
    try SmallFile.replace(path, with: "")
    #expect(throws: StartError.self) { try read(["--admin-token-file", path]) }
    #expect(throws: StartError.self) { try read(["--admin-token-file", "\(path)-gone"]) }
  }
}
