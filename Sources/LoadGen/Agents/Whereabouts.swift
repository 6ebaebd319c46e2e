import EventLoop
import FleetState
import RedisClient

/// Where agents and runs meet: the Redis that was named, or that of the server which runs on this machine.
struct Whereabouts {
  struct Unknown: Error, CustomStringConvertible {
    let description: String
  }

  let redis: RedisEndpoint
  let keys: RedisKeys

  /// `redis` and `namespace` as they were told, if they were; `environment` says what was not.
  init(
    redis told: RedisEndpoint?, namespace: String?, environment: [String: String] = Environment.values
  ) throws(Unknown) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    guard let namespace = Name(namespace ?? value("SLUICE_NAMESPACE") ?? "default") else {
      throw Unknown(description: "SLUICE_NAMESPACE has to be 1 to 64 of A-Z a-z 0-9 _ . -")
    }
    keys = RedisKeys(namespace: namespace)
    if let told {
      redis = told
      return
    }
    let host = value("REDIS_HOST").map { "redis://\($0):\(value("REDIS_PORT") ?? "6379")" }
    let named = value("REDIS_URL") ?? host
    let url = if let named { named } else { try Self.serverFile(namespace, environment).redis }
    do throws(RedisEndpoint.Malformed) { redis = try RedisEndpoint(parsing: url) } catch {
      throw Unknown(description: error.description)
    }
  }

  private static func serverFile(_ namespace: Name, _ environment: [String: String]) throws(Unknown)
    -> ServerFile
  {
    let place: StatePlace
    do throws(StatePlace.Unusable) {
      place = try StatePlace(namespace: namespace, isRoot: Machine.isRoot) { environment[$0] }
    } catch {
      throw Unknown(description: error.description)
    }
    guard let bytes = try? SmallFile.readBytes(place.serverFile), let file = ServerFile(bytes.span) else {
      throw Unknown(
        description: "no running server in \(place.state): name the Redis to meet in with --redis URL")
    }
    return file
  }
}
