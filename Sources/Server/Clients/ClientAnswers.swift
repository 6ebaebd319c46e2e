import Bytes
import EventLoop
import FleetState
import JSONText
import RedisClient
import TLS
import WireProtocol

/// What the routes about clients and groups answer. In: a route whose caller may. Out: a reply, mostly after a look
/// into Redis.
final class ClientAnswers {
  var complete: ((StreamID, Response) -> Void)?

  private let directory: Directory
  private let tokens: TokenKeys?
  private let publisher: Publisher
  private let deliveries: Deliveries
  private let stats: ClientStats

  /// Without `tokens` none are handed out.
  init(
    _ directory: Directory, tokens: TokenKeys?, publisher: Publisher, deliveries: Deliveries,
    stats: ClientStats
  ) {
    self.directory = directory
    self.tokens = tokens
    self.publisher = publisher
    self.deliveries = deliveries
    self.stats = stats
  }

  func answer(_ route: ClientsRoute, _ request: Request, _ stream: StreamID) -> Desk.Reply {
    switch route {
    case .token(let client): return token(client, stream)
    case .stats: return stats.answer(stream)
    case .describe(let client):
      directory.describe(client, then: reply(stream) { $0.map { .json($0.json) } ?? Self.unknownClient })
    case .forget(let client): forget(client, stream)
    case .message(let client): return send(request) { deliveries.send($0, to: client, for: stream) }
    case .data(let client, let key, let access): return data(client, key, access, request, stream)
    case .groups: directory.groups(then: reply(stream) { .json(Self.list($0)) })
    case .members(let group):
      directory.members(
        of: group, then: reply(stream) { $0.isEmpty ? Self.unknownGroup : .json(Self.list(group, $0)) })
    case .join(let group, let client): join(client, group, stream)
    case .leave(let group, let client): leave(client, group, stream)
    case .tell(let group): return send(request) { deliveries.send($0, to: group, for: stream) }
    }
    return .later
  }

  // MARK: Clients

  private func token(_ client: ClientID, _ stream: StreamID) -> Desk.Reply {
    guard let tokens else {
      return .now(.problem(.notFound, "reconnect tokens are off: enable_reconnect is false"))
    }
    tokens.find(
      then: reply(stream) { found in
        guard let nonce = try? Random.bytes(ReconnectToken.nonceBytes) else {
          return .problem(.serviceUnavailable, "there is no randomness for a token").retrying(after: 2)
        }
        let token = ReconnectToken(
          issued: found.now, nonce: nonce, client: client, sign: found.keys.sign)
        return .json(Self.object { $0.member("token", token.text) })
      })
    return .later
  }

  private func forget(_ client: ClientID, _ stream: StreamID) {
    directory.forget(
      client,
      then: ordered(stream) { record in
        guard let record else { return (nil, Self.unknownClient) }
        let isHere = record.holder != nil
        return (isHere ? .close(client) : nil, .json("{\"disconnected\": \(isHere)}"))
      })
  }

  private func send(_ request: Request, _ deliver: (Wanted) -> Desk.Reply) -> Desk.Reply {
    do throws(Wanted.Refusal) { return deliver(try Wanted(request.body.span)) } catch {
      return .now(.problem(.unprocessableContent, error.reason))
    }
  }

  // MARK: User data

  private func data(
    _ client: ClientID, _ key: DataKey, _ access: ClientsRoute.Access, _ request: Request, _ stream: StreamID
  ) -> Desk.Reply {
    switch access {
    case .read:
      directory.read(
        key, of: client,
        then: reply(stream) { json in
          guard let value = json.flatMap({ try? JSONValue.read($0) }) else { return Self.unknownData }
          return .json(value.text(.spaced))
        })
    case .write:
      guard let value = try? JSONValue.read(request.body.span) else {
        return .now(.problem(.unprocessableContent, "the body has to be one JSON value"))
      }
      directory.put(
        value.text(), key, of: client,
        then: reply(stream) { kept in
          switch kept {
          case .kept: .json(Self.datum(client, key, value))
          case .full: .problem(.contentTooLarge, "more than may be kept for one client")
          case .unknown: Self.unknownClient
          }
        })
    case .remove:
      directory.remove(
        key, of: client, then: reply(stream) { $0 ? .json("{\"deleted\": true}") : Self.unknownData })
    }
    return .later
  }

  // MARK: Groups

  private func join(_ client: ClientID, _ group: Name, _ stream: StreamID) {
    directory.join(
      client, group,
      then: ordered(stream) { joined in
        switch joined {
        case .joined: (.joins(client, group), .json(Self.membership(client, group, true)))
        case .full:
          (nil, .problem(.conflict, "the group, or the client's list of groups and channels, is full"))
        case .unknown: (nil, Self.unknownClient)
        }
      })
  }

  private func leave(_ client: ClientID, _ group: Name, _ stream: StreamID) {
    directory.leave(
      client, group,
      then: ordered(stream) { wasMember in
        wasMember
          ? (.parts(client, group), .json(Self.membership(client, group, false)))
          : (nil, .problem(.notFound, "it is no member of that group"))
      })
  }

  // MARK: Replies

  private func reply<Found>(
    _ stream: StreamID, _ render: @escaping (Found) -> Response
  ) -> (Result<Found, RedisError>) -> Void {
    reply(stream) { found, answered in answered(render(found)) }
  }

  private func reply<Found>(
    _ stream: StreamID, _ work: @escaping (Found, _ answered: @escaping (Response) -> Void) -> Void
  ) -> (Result<Found, RedisError>) -> Void {
    { [weak self] answer in
      switch answer {
      case .success(let found): work(found) { self?.complete?(stream, $0) }
      case .failure(let error): self?.complete?(stream, .unavailable(error))
      }
    }
  }

  /// The answer follows what is announced of it: whoever has it knows that what comes later on the bus comes after.
  private func ordered<Found>(
    _ stream: StreamID, _ render: @escaping (Found) -> (BusEntry.Kind?, Response)
  ) -> (Result<Found, RedisError>) -> Void {
    reply(stream) { [weak self] found, answered in
      let (kind, response) = render(found)
      guard let kind else { return answered(response) }
      self?.publisher.announce(BusEntry(kind), Span()) { announced in
        switch announced {
        case .success: answered(response)
        case .failure(let error): answered(.unavailable(error))
        }
      }
    }
  }

  private static var unknownClient: Response { .problem(.notFound, "nobody knows a client of that name") }
  private static var unknownGroup: Response { .problem(.notFound, "there is no group of that name") }
  private static var unknownData: Response { .problem(.notFound, "nothing is kept under that name") }

  private static func object(_ members: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter(style: .spaced)
    writer.beginObject()
    members(&writer)
    writer.endObject()
    return writer.text
  }

  private static func datum(_ client: ClientID, _ key: DataKey, _ value: JSONValue) -> String {
    object { writer in
      writer.member("client_id", client.text)
      writer.member("key", key.text)
      writer.name("value")
      writer.write(value)
    }
  }

  private static func membership(_ client: ClientID, _ group: Name, _ isMember: Bool) -> String {
    object { writer in
      writer.member("group", group.text)
      writer.member("client_id", client.text)
      writer.member("member", isMember)
    }
  }

  private static func list(_ groups: [(name: Name, members: Int64)]) -> String {
    object { writer in
      writer.array("groups") { writer in
        for group in groups {
          writer.beginObject()
          writer.member("group", group.name.text)
          writer.member("members", group.members)
          writer.endObject()
        }
      }
    }
  }

  private static func list(_ group: Name, _ members: [ClientID]) -> String {
    object { writer in
      writer.member("group", group.text)
      writer.array("members") { writer in for member in members { writer.string(member.text) } }
    }
  }
}
