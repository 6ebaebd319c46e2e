import Bytes
import CommandLine
import FleetState
import JSONText
import RedisClient

/// Carries an errand out: what it found or did goes to standard output, the exit code to `end`.
final class Messenger {
  private let redis: Redis
  private let keys: RedisKeys
  private let courier: Courier
  private let isJSON: Bool
  private let end: (Int32) -> Void

  init(_ redis: Redis, keys: RedisKeys, settings: Settings, end: @escaping (Int32) -> Void) {
    self.redis = redis
    self.keys = keys
    courier = Courier(redis, keys: keys)
    isJSON = settings[Options.json]
    self.end = end
  }

  func begin(_ errand: Errand, _ snapshot: Snapshot) {
    if snapshot.hosts.isEmpty { return fail(errand, "no host is there", ExitCode.failed) }
    switch errand {
    case .broadcast(let text, let halls):
      courier.broadcast(text, to: halls) { [self] in take($0, of: errand) { self.said($0, halls) } }
    case .kick(let client):
      courier.kick(client) { [self] in take($0, of: errand) { self.kicked(client, at: $0) } }
    case .sockets(let hall):
      let filter = SocketFilter(hall: hall)
      SocketLists(redis, keys: keys).read(filter, of: snapshot.hosts.map(\.record)) { [self] in
        take($0, of: errand) { self.show($0, now: snapshot.time) }
      }
    }
  }

  private func take<Found>(_ answer: Result<Found, RedisError>, of errand: Errand, _ work: (Found) -> Void) {
    switch answer {
    case .success(let found): work(found)
    case .failure(let error): fail(errand, "\(error)", ExitCode.unreachable)
    }
  }

  private func fail(_ errand: Errand, _ reason: String, _ code: Int32) {
    Output.write("wsconsole: \(errand.word): \(reason)\n", to: 2)
    end(code)
  }

  // MARK: Answers

  private func said(_ id: String, _ halls: Halls) {
    if isJSON {
      var writer = JSONWriter(style: .pretty)
      writer.beginObject()
      writer.member("id", id)
      writer.member("halls", halls.list)
      writer.endObject()
      Output.write(writer.text + "\n", to: 1)
    } else {
      Output.write(printable(id) + "\n", to: 1)
    }
    end(ExitCode.good)
  }

  private func kicked(_ client: ClientID, at place: String?) {
    if isJSON {
      var writer = JSONWriter(style: .pretty)
      writer.beginObject()
      writer.member("client", client.text)
      writer.member("kicked", place != nil)
      writer.member("worker", orNull: place)
      writer.endObject()
      Output.write(writer.text + "\n", to: 1)
    } else {
      let name = printable(client.text)
      Output.write(
        place.map { "\(name): told to go, on \(printable($0))\n" } ?? "\(name) is not here\n", to: 1)
    }
    end(place == nil ? ExitCode.failed : ExitCode.good)
  }

  private func show(_ sockets: OpenSockets, now: Int64) {
    Output.write(isJSON ? sockets.json : sockets.text(now: now), to: 1)
    end(ExitCode.good)
  }
}
