import Bytes
import EventLoop
import JSONText
import RedisClient
import WireProtocol

/// Says to everybody what falls due, without waiting for an answer to what was said before.
enum Publisher {
  case http(HTTPPublisher)
  case redis(RedisPublisher)
  /// By the generator's own first socket.
  case socket

  /// Publications the server did not take.
  var refused: Int {
    switch self {
    case .http(let publisher): publisher.refused
    case .redis(let publisher): publisher.refused
    case .socket: 0
    }
  }
}

/// `POST {"message": …}` over one connection that is kept.
final class HTTPPublisher {
  private(set) var refused = 0

  private let loop: EventLoop
  private let address: SocketAddress
  private let host: String
  private let path: String
  private let fields: [HeaderField]
  private var stream: ByteStream?
  private var decoder = ResponseDecoder(answering: .post)
  private var waiting = 0

  /// A server that answers none of so many has its next ones counted as refused.
  private static let mostWaiting = 1000

  init(_ loop: EventLoop, to address: SocketAddress, plan: Plan) {
    self.loop = loop
    self.address = address
    host = plan.target.authority
    path = plan.publishPath
    fields = [HeaderField("Content-Type", "application/json")] + plan.headers
  }

  func publish(_ message: Span<UInt8>) {
    guard waiting < Self.mostWaiting, let stream = stream ?? connect() else {
      refused += 1
      return
    }
    var json = JSONWriter()
    json.beginObject()
    json.member("message", String(decoding: message.copied(), as: UTF8.self))
    json.endObject()
    waiting += 1
    let request = ClientRequest(
      .post, host: host, path: path, fields: fields, body: Array(json.text.utf8))
    stream.write { request.render(into: &$0) }
  }

  private func connect() -> ByteStream? {
    guard let stream = try? ByteStream(loop, connecting: address) else { return nil }
    decoder = ResponseDecoder(answering: .post)
    stream.onBytes = { [weak self] bytes in self?.read(bytes) ?? bytes.count }
    stream.onEnd = { [weak self] _ in self?.lose() }
    self.stream = stream
    return stream
  }

  private func read(_ bytes: Span<UInt8>) -> Int {
    var used = 0
    while used < bytes.count {
      do throws(HTTPError) {
        switch try decoder.decode(bytes.extracting(droppingFirst: used)) {
        case .more(let more): return used + more
        case .answer(let answer, let more):
          used += more
          waiting = max(0, waiting - 1)
          if !(200..<300).contains(answer.status.code) { refused += 1 }
        }
      } catch {
        stream?.close()
        lose()
        return bytes.count
      }
    }
    return used
  }

  private func lose() {
    refused += waiting
    waiting = 0
    stream = nil
  }
}

/// `PUBLISH`, for servers that hear a channel of Redis.
final class RedisPublisher {
  private(set) var refused = 0

  private let redis: Redis
  private let channel: String

  init(_ loop: EventLoop, _ endpoint: RedisEndpoint, channel: String) {
    redis = Redis(loop, endpoint: endpoint, name: "wsload")
    self.channel = channel
    redis.open()
  }

  func publish(_ message: Span<UInt8>) {
    redis.send("PUBLISH", channel, String(decoding: message.copied(), as: UTF8.self)) { [weak self] answer in
      if case .failure = answer { self?.refused += 1 }
    }
  }
}
