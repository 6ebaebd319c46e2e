import EventLoop
import FleetState
import JSONText

extension StatePlace {
  init(for settings: ServerSettings) throws(StartError) {
    let environment = Environment.values
    do throws(StatePlace.Unusable) {
      try self.init(namespace: settings.namespace, isRoot: Machine.isRoot) { name in
        if name == "SLUICE_STATE", let chosen = settings.state { return chosen }
        return environment[name]
      }
    } catch {
      throw .usage(error.description)
    }
  }

  /// The path of our Redis' socket, in a directory that exists.
  func madeRedisSocket() throws(StartError) -> String {
    do throws(SystemError) { try SmallFile.makeDirectory(runtime) } catch {
      throw .unreachable("cannot make \(runtime): \(error)")
    }
    do throws(StatePlace.Unusable) { return try redisSocket() } catch {
      throw .usage(error.description)
    }
  }
}

extension ServerFile {
  /// By which the other programs find the server.
  func publish(in place: StatePlace, _ log: Log) {
    var json = JSONWriter(style: .pretty)
    write(to: &json)
    do throws(SystemError) {
      try SmallFile.makeDirectory(place.state)
      try SmallFile.replace(place.serverFile, with: json.text)
    } catch {
      log.warning("cannot write \(place.serverFile): \(error)", event: "server_file")
    }
  }
}
