/// Settings that go together, under the name of the surroundings they are for. Whatever is set elsewhere wins.
enum Preset: String, CaseIterable, Sendable {
  /// Games and trading: a dead peer is noticed within ten seconds.
  case lowLatency = "low-latency"
  case slowProxy = "slow-proxy"
  case serverless
  /// AWS' balancer cuts what is silent for a minute.
  case alb
  case azure
  case highLoad = "high-load"

  /// By the names of a config file.
  var values: [String: String] {
    switch self {
    case .lowLatency: ["heartbeat_interval": "5s", "heartbeat_timeout": "10s"]
    case .slowProxy: ["heartbeat_interval": "45s", "heartbeat_timeout": "90s", "compression": "none"]
    case .serverless: ["heartbeat_interval": "20s", "max_connections": "500"]
    case .alb: ["heartbeat_interval": "25s", "heartbeat_timeout": "50s"]
    case .azure: ["heartbeat_interval": "30s", "max_connections": "1000"]
    case .highLoad:
      [
        "max_connections": "50000", "num_shards": "32", "max_concurrent_broadcast": "500",
        "max_concurrent_cleanup": "50",
      ]
    }
  }
}
