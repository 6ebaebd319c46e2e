import Bytes
import EventLoop
import FleetState
import TLS
import WireProtocol

/// One POST to a receiver: a connection of its own, a bound on its time and on its answer, no redirect followed.
///
/// In: where to, what. Out: how it went, exactly once. It goes to the address it is given; nothing is looked up.
final class Webhook {
  struct Letter {
    let url: WebhookURL
    let address: String
    let body: String
    let task: Name
    let attempt: Int
  }

  private let loop: EventLoop
  private let context: TLSContext?
  private var onEnd: ((TaskSettlement.Outcome) -> Void)?
  private var stream: ByteStream?
  private var session: TLSSession?
  private var timer: TimerID?
  private var plain = ByteBuffer()
  private var decoder = ResponseDecoder(
    answering: .post, limits: HTTPLimits(headBytes: 16 << 10, bodyBytes: mostAnswer))

  private static let patience = Duration.seconds(10)
  private static let mostAnswer = 64 << 10

  /// With a context where the URL is secure.
  init(_ loop: EventLoop, context: TLSContext?) {
    self.loop = loop
    self.context = context
  }

  func send(_ letter: Letter, then onEnd: @escaping (TaskSettlement.Outcome) -> Void) {
    self.onEnd = onEnd
    timer = loop.after(Self.patience) { [weak self] in
      self?.end(.failed(reason: "no answer within \(Self.patience.words)"))
    }
    do throws(SystemError) {
      let place = SocketAddress.tcp(host: letter.address, port: letter.url.port)
      let stream = try ByteStream(loop, connecting: place, inputLimit: 4 * Self.mostAnswer)
      self.stream = stream
      stream.onOpen = { [unowned self] in begin(letter) }
      stream.onBytes = { [unowned self] bytes in
        receive(bytes, letter)
        return bytes.count
      }
      stream.onEnd = { [unowned self] in finish($0) }
    } catch {
      // Nobody is answered while he is still asking.
      loop.next { [weak self] in self?.end(.failed(reason: "\(error)")) }
    }
  }

  /// Nobody waits for it any more.
  func cancel() {
    onEnd = nil
    letGo()
  }

  // MARK: Steps

  private func begin(_ letter: Letter) {
    guard letter.url.isSecure else {
      stream?.write { Self.request(letter).render(into: &$0) }
      return
    }
    guard let context else { return end(.failed(reason: "TLS cannot start")) }
    var wire = ByteBuffer()
    do throws(TLSError) {
      session = try TLSSession(calling: letter.url.host, context, into: &wire)
      stream?.send(wire.bytes)
    } catch {
      end(.failed(reason: "\(error)"))
    }
  }

  private func receive(_ bytes: Span<UInt8>, _ letter: Letter) {
    guard let session else { return read(bytes) }
    let wasOpen = session.state == .open
    var wire = ByteBuffer()
    do throws(TLSError) {
      try session.receive(bytes, into: &plain, answering: &wire)
      if !wasOpen, session.state == .open {
        var words = ByteBuffer()
        Self.request(letter).render(into: &words)
        try session.write(words.bytes, into: &wire)
      }
      stream?.send(wire.bytes)
    } catch {
      stream?.send(wire.bytes)
      return end(.failed(reason: "\(error)"))
    }
    let heard = plain.bytes.copied()
    plain.clear()
    read(heard.span)
  }

  private func read(_ bytes: Span<UInt8>) {
    do throws(HTTPError) {
      switch try decoder.decode(bytes) {
      case .more: return
      case .answer(let answer, _): end(Self.judge(answer.status))
      }
    } catch {
      end(.failed(reason: "the answer is no HTTP: \(error)"))
    }
  }

  private func finish(_ reason: StreamEnd) {
    switch reason {
    case .refused: return end(.failed(reason: "nobody listens there"))
    case .timeout: return end(.failed(reason: "nobody can be reached there"))
    case .overflow: return end(.failed(reason: "the answer is too long"))
    case .eof, .reset, .closed, .failed: break
    }
    // An answer may end with its connection, but under TLS nobody could tell whether that was its end.
    let whole = session == nil && reason == .eof ? (try? decoder.finish()).flatMap { $0 } : nil
    end(whole.map { Self.judge($0.status) } ?? .failed(reason: "the connection ended before an answer"))
  }

  private func end(_ outcome: TaskSettlement.Outcome) {
    let told = onEnd
    onEnd = nil
    letGo()
    told?(outcome)
  }

  private func letGo() {
    if let timer { loop.cancel(timer) }
    timer = nil
    stream?.close()
  }

  // MARK: Words

  /// The receiver knows a second letter of the same task by its key.
  private static func request(_ letter: Letter) -> ClientRequest {
    ClientRequest(
      .post, host: letter.url.authority, path: letter.url.path,
      fields: [
        HeaderField("Content-Type", "application/json"), HeaderField("Idempotency-Key", letter.task.text),
        HeaderField("Sluice-Attempt", "\(letter.attempt)"), HeaderField("User-Agent", "sluice"),
        HeaderField("Connection", "close"),
      ], body: Array(letter.body.utf8))
  }

  /// Trouble of the moment is tried again; a no is a no, and a redirect would lead around the list of hosts.
  static func judge(_ status: HTTPStatus) -> TaskSettlement.Outcome {
    let reason = "the receiver answered \(status.code)"
    switch status.code {
    case 200..<300: return .done
    case 408, 425, 429, 500...: return .failed(reason: reason)
    case _: return .refused(reason: reason)
    }
  }
}
