import EventLoop
import FleetState
import RedisClient

/// The Redis a server with these settings would use: a named one, or one of its own.
enum RedisPlace {
  static func findings(_ settings: ServerSettings, _ place: StatePlace) -> [Finding] {
    if let endpoint = settings.redis { return check(endpoint, settings) }
    guard SmallFile.findProgram("redis-server") != nil else {
      return [
        .fail(
          "redis", "redis-server is not installed", "apt install redis-server, or name a Redis with --redis")
      ]
    }
    let path: String
    do throws(StatePlace.Unusable) { path = try place.redisSocket() } catch {
      return [.fail("redis", "none of our own can be started", "\(error)")]
    }
    guard SmallFile.exists(path) else {
      return [.ok("redis", "one of our own will be started in \(place.state)")]
    }
    return check(RedisEndpoint(.unix(path: path)), settings)
  }

  private static func check(_ endpoint: RedisEndpoint, _ settings: ServerSettings) -> [Finding] {
    RedisCheck.findings(of: endpoint, settings.namespace, as: "sluice-doctor")
  }
}
