import CommandLine
import EventLoop
import FleetState
import RedisClient

extension Kind<String> {
  static let address = Kind(
    allowed: "HOST:PORT with a numeric host, such as 127.0.0.1:8000 or wss://[::1]:8443",
    read: { ListenAddress($0) == nil ? nil : $0 }, show: { $0 })

  static let addressOrNone = Kind(
    allowed: "HOST:PORT with a numeric host, or none",
    read: { $0 == "none" || isAddress($0) ? $0 : nil }, show: { $0 })

  static let name = Kind(
    allowed: "1 to 64 of A-Z a-z 0-9 _ . -", read: { Name($0)?.text }, show: { $0 })

  static let nameOrEmpty = Kind(
    allowed: "1 to 64 of A-Z a-z 0-9 _ . -", read: { $0.isEmpty ? $0 : Name($0)?.text }, show: { $0 })

  static let absolutePath = Kind(
    allowed: "an absolute path, such as /srv/sluice", read: { $0.hasPrefix("/") ? $0 : nil }, show: { $0 })

  static let webhookHost = Kind(
    allowed: WebhookAllowance.allowed, read: { $0.isEmpty || WebhookAllowance([$0]) != nil ? $0 : nil },
    show: { $0 })

  static let webhookURL = Kind(
    allowed: "http://HOST[:PORT]/PATH, or https", read: { $0.isEmpty || WebhookURL($0) != nil ? $0 : nil },
    show: { $0 })

  static let drainPreset = Kind(
    allowed: "standard, swift, patient, pod=SECONDS or now", read: { DrainPreset($0)?.text }, show: { $0 })

  static let logLevel = Kind(
    allowed: "debug, info, warning or error",
    read: { Log.Level(name: $0)?.name.lowercased() }, show: { $0 })

  static let redis = Kind(
    allowed: "redis://[user:password@]host[:port][/db], rediss://…, unix:///path or embedded",
    read: { text in
      text.isEmpty || text == "embedded" || (try? RedisEndpoint(parsing: text)) != nil ? text : nil
    }, show: { $0 })

  static let origin = Kind(
    allowed: "none, or SCHEME://HOST[:PORT], such as https://app.example",
    read: { $0 == "none" || Origin($0) != nil ? $0 : nil }, show: { $0 })

  private static func isAddress(_ text: String) -> Bool {
    guard case .tcp = try? SocketAddress.parse(text) else { return false }
    return true
  }
}

extension Secret {
  /// A Redis URL without its password.
  static let password = Secret { (try? RedisEndpoint(parsing: $0))?.description ?? $0 }
}
