import CommandLine
import EventLoop
import FleetState
import RedisClient

/// Where the fleet's Redis is: as told, or as a running server has written down.
enum Whereabouts {
  struct Unknown: Error, Equatable {
    let reason: String
  }

  static func find(_ settings: Settings) throws(Unknown) -> (RedisEndpoint, RedisKeys) {
    guard let namespace = Name(settings[Options.namespace]) else {
      throw Unknown(reason: "--namespace has to be 1 to 64 of A-Z a-z 0-9 _ . -")
    }
    let keys = RedisKeys(namespace: namespace)
    let url = Self.url(settings)
    let host = settings[Options.redisHost]
    if !url.isEmpty { return (try endpoint(url), keys) }
    if !host.isEmpty { return (try endpoint("redis://\(host):\(settings[Options.redisPort])"), keys) }
    let file = try serverFile(settings, namespace)
    return (try endpoint(file.redis), keys)
  }

  /// What says where Redis is.
  static func source(_ settings: Settings) -> String {
    if !url(settings).isEmpty { return "--redis" }
    return settings[Options.redisHost].isEmpty ? "the running server's file" : "--redis-host"
  }

  /// A flag with the host counts more than a URL in the environment; of two in one place the URL does.
  private static func url(_ settings: Settings) -> String {
    settings.outranks(Options.redisHost, Options.redis) ? "" : settings[Options.redis]
  }

  private static func endpoint(_ text: String) throws(Unknown) -> RedisEndpoint {
    do throws(RedisEndpoint.Malformed) {
      return try RedisEndpoint(parsing: text)
    } catch {
      throw Unknown(reason: error.description)
    }
  }

  private static func serverFile(_ settings: Settings, _ namespace: Name) throws(Unknown) -> ServerFile {
    let environment = Environment.values
    let chosen = settings[Options.state]
    let place: StatePlace
    do throws(StatePlace.Unusable) {
      place = try StatePlace(namespace: namespace, isRoot: Machine.isRoot) { name in
        name == "SLUICE_STATE" && !chosen.isEmpty ? chosen : environment[name]
      }
    } catch {
      throw Unknown(reason: error.description)
    }
    guard let bytes = try? SmallFile.readBytes(place.serverFile), let file = ServerFile(bytes.span) else {
      throw Unknown(
        reason:
          "no running server found in \(place.state): start wsserver, or name its Redis with --redis URL")
    }
    return file
  }
}
