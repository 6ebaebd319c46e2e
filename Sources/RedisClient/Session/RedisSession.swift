import Bytes
import EventLoop
import FleetState

/// One connection's conversation with Redis, without the connection: bytes in, bytes out, answers in order.
///
/// It greets (`AUTH`, `SELECT`, `CLIENT SETNAME`, and a `PING` that tells whether Redis is loading), then carries
/// commands, each with a ticket that comes back with its answer. Once it has thrown it is of no more use.
struct RedisSession<Ticket>: ~Copyable {
  private enum Asked {
    case login, database, name, ping
    case command(Ticket)
  }

  private struct Waiting {
    let asked: Asked
    let since: Moment
  }

  private(set) var isReady = false
  private var line = WaitingLine<Waiting>()
  private var reader = ReplyReader()
  private var command = RedisCommand()

  /// Commands without an answer yet.
  var waiting: Int { line.count }
  /// Since when the oldest of them waits.
  var waitingSince: Moment? { line.first?.since }

  /// Writes the greeting.
  mutating func open(
    _ endpoint: RedisEndpoint, name: String, at now: Moment, into output: inout ByteBuffer
  ) {
    if let password = endpoint.password {
      command.add("AUTH")
      if let user = endpoint.user { command.add(user) }
      command.add(password)
      ask(.login, at: now, into: &output)
    }
    if endpoint.database != 0 {
      command.add("SELECT")
      command.add(endpoint.database)
      ask(.database, at: now, into: &output)
    }
    command.add("CLIENT")
    command.add("SETNAME")
    command.add(name)
    ask(.name, at: now, into: &output)
    command.add("PING")
    ask(.ping, at: now, into: &output)
  }

  mutating func send(
    _ ticket: Ticket, at now: Moment, into output: inout ByteBuffer, _ fill: (inout RedisCommand) -> Void
  ) {
    precondition(isReady, "a command before the greeting was answered")
    fill(&command)
    precondition(!command.isEmpty, "a Redis command has at least one word")
    ask(.command(ticket), at: now, into: &output)
  }

  /// Takes bytes and hands out each answer that is whole, with the time it took in nanoseconds. `push` gets what was
  /// published on a channel, which nobody asked for by itself.
  mutating func receive(
    _ bytes: Span<UInt8>, at now: Moment, push: ((Reply) -> Void)? = nil,
    _ answer: (Ticket, Reply, UInt64) -> Void
  ) throws(RedisError) {
    do throws(ReplyReader.Failure) {
      try reader.feed(bytes)
    } catch {
      throw .malformed
    }
    while true {
      var failure: RedisError?
      let found: Bool
      do throws(ReplyReader.Failure) {
        found = try reader.next { reply in
          if let push, Self.isPublished(reply) { return push(reply) }
          // Nothing was asked: a push we never subscribed to, or not Redis at all.
          guard let waiting = line.popFirst() else {
            failure = .malformed
            return
          }
          switch waiting.asked {
          case .command(let ticket): answer(ticket, reply, now.nanoseconds(since: waiting.since))
          case .login, .database: failure = Self.refusal(reply)
          case .name: break  // Forbidden to some users, and nothing depends on it.
          case .ping:
            failure = Self.refusal(reply)
            isReady = failure == nil
          }
        }
      } catch {
        throw .malformed
      }
      if let failure { throw failure }
      if !found { return }
    }
  }

  /// The end: everybody who still waits for an answer.
  mutating func close() -> [Ticket] {
    isReady = false
    return line.popAll().compactMap {
      switch $0.asked {
      case .command(let ticket): ticket
      case .login, .database, .name, .ping: nil
      }
    }
  }

  private mutating func ask(_ asked: Asked, at now: Moment, into output: inout ByteBuffer) {
    command.move(into: &output)
    line.append(Waiting(asked: asked, since: now))
  }

  private static func isPublished(_ reply: Reply) -> Bool {
    guard reply.kind == .array, reply.count == 3 else { return false }
    let kind = "message".utf8.span
    return reply[0].text.equals(kind)
  }

  private static func refusal(_ reply: Reply) -> RedisError? {
    if reply.kind == .error { return .refused(RedisRefusal(reply.text)) }
    return nil
  }
}
