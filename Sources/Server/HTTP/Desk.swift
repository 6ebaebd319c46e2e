import Bytes
import EventLoop
import TLS
import WireProtocol

/// The HTTP side of every connection of this worker: requests in, answers and upgrades out.
///
/// In: bytes of a stream that speaks HTTP. Out: `answer` for each request. A request that is not all there waits
/// where its bytes came in, so that a successor can read it from its front. Only one with a long body, or whose
/// answer is still being looked for, costs memory of this process between two turns.
final class Desk {
  enum Reply {
    case now(Response)
    /// Somebody will `complete` it.
    case later
    case upgrade(Upgrade, Opening)
  }

  struct Patience {
    /// For a whole head and body, from the first byte.
    var request = Duration.seconds(10)
    var idle = Duration.seconds(60)
  }

  var answer: ((Request, StreamID) -> Reply)?
  /// Who says whether there is a seat for one more WebSocket.
  var entrance: Entrance?
  /// The stream is a WebSocket now.
  var upgraded: ((StreamID, Opening) -> Void)?

  private let sockets: Sockets
  private let limits: HTTPLimits
  private let patience: Patience
  private var unfinished: [StreamID: RequestDecoder] = [:]
  private var awaited: [StreamID: ReplyForm] = [:]

  /// Pipelined requests one connection may have answered before others have their turn.
  private static let requestsPerTurn = 32
  /// Of a longer request, what has come is taken before its end is there.
  private static let longestWait = 32 << 10
  /// Enough of a request to know its method.
  private static let frontBytes = 64

  init(_ sockets: Sockets, limits: HTTPLimits, patience: Patience = Patience()) {
    self.sockets = sockets
    self.limits = limits
    self.patience = patience
  }

  func welcome(_ stream: StreamID) {
    sockets.setAlarm(stream, at: sockets.loop.now + patience.request)
  }

  /// Returns how many bytes are done with; after an upgrade the rest are frames.
  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    if awaited[stream] != nil { return 0 }
    var used = 0
    for _ in 0..<Self.requestsPerTurn {
      guard let step = decode(stream, bytes.extracting(droppingFirst: used)) else { return bytes.count }
      switch step {
      case .more(let taken):
        if !sockets[stream].isMidRequest && bytes.count - used <= Self.longestWait {
          unfinished[stream] = nil
          return used
        }
        sockets[stream].isMidRequest = true
        return used + taken
      case .expectsContinue(let taken):
        used += taken
        sockets[stream].isMidRequest = true
        sockets.table.write(to: stream) { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
      case .request(let request, let taken):
        used += taken
        sockets[stream].isMidRequest = false
        if !handle(request, stream) { return used }
        if used == bytes.count { return used }
      }
    }
    sockets.table.yield(stream)
    return used
  }

  /// How many answers are being looked for.
  var waiting: Int { awaited.count }

  func forget(_ stream: StreamID) {
    unfinished[stream] = nil
    awaited[stream] = nil
  }

  /// The answer that was promised with `.later`.
  func complete(_ stream: StreamID, _ response: Response) {
    guard let form = awaited.removeValue(forKey: stream), sockets.table.holds(stream) else { return }
    sockets.table.change(stream) {
      sockets[stream].isMidRequest = false
      send(response, form, to: stream)
    }
    sockets.table.resume(stream)
  }

  /// The same, for a handshake that had to wait.
  func complete(_ stream: StreamID, _ upgrade: Upgrade, _ opening: Opening) {
    guard let form = awaited.removeValue(forKey: stream), sockets.table.holds(stream) else { return }
    sockets.table.change(stream) {
      sockets[stream].isMidRequest = false
      if let refusal = enter(stream, upgrade, opening) { send(refusal, form, to: stream) }
    }
    sockets.table.resume(stream)
  }

  /// Nobody has finished a request in time, or asked for another one.
  func alarm(_ stream: StreamID) {
    if awaited[stream] != nil { return }
    let isInside = unfinished[stream]?.isInsideRequest ?? (sockets.table.pendingInput(of: stream) > 0)
    if !isInside { return drop(stream) }
    let form = refusalForm(stream)
    sockets.table.change(stream) {
      refuse(stream, .text(HTTPStatus(408), "The request did not come in time.\n"), form)
    }
  }

  /// Of one that is not all there, wherever its front lies.
  private func refusalForm(_ stream: StreamID) -> ReplyForm {
    if let decoder = unfinished[stream] { return decoder.refusalForm }
    var decoder = RequestDecoder(limits: limits)
    let front = sockets.table.pendingInput(of: stream, atMost: Self.frontBytes)
    _ = try? decoder.decode(front.span)
    return decoder.refusalForm
  }

  private func drop(_ stream: StreamID) {
    forget(stream)
    sockets.drop(stream)
  }

  // MARK: Requests

  /// Nil when the connection is beyond help; it has been answered and is ending then.
  private func decode(_ stream: StreamID, _ bytes: Span<UInt8>) -> RequestDecoder.Step? {
    var decoder = unfinished.removeValue(forKey: stream) ?? RequestDecoder(limits: limits)
    do throws(HTTPError) {
      let step = try decoder.decode(bytes)
      switch step {
      case .more, .expectsContinue: unfinished[stream] = decoder
      case .request: break
      }
      return step
    } catch {
      sockets.count(.httpRequest)
      refuse(stream, error.response, decoder.refusalForm)
      return nil
    }
  }

  /// False when nothing more is to be read as HTTP for now.
  private func handle(_ request: Request, _ stream: StreamID) -> Bool {
    sockets.board[sockets.slot].requests &+= 1
    let form = request.replyForm
    guard let answer else { return false }
    switch answer(request, stream) {
    case .now(let response):
      send(response, form, to: stream)
      return form.persistence != .closing
    case .later:
      awaited[stream] = form
      sockets[stream].isMidRequest = true
      sockets.setAlarm(stream, at: nil)
      sockets.table.pause(stream)
      return false
    case .upgrade(let upgrade, let opening):
      if let refusal = enter(stream, upgrade, opening) {
        send(refusal, form, to: stream)
        return form.persistence != .closing
      }
      return false
    }
  }

  /// From here on the stream is a WebSocket, if there is a seat for it.
  private func enter(_ stream: StreamID, _ upgrade: Upgrade, _ opening: Opening) -> Response? {
    if !opening.replaces, let refusal = entrance?.claim() { return refusal }
    let digest = SHA1.digest(of: upgrade.keyMaterial.span)
    sockets.table.write(to: stream) { upgrade.render(into: &$0, digest: digest.span) }
    upgraded?(stream, opening)
    entrance?.settle()
    return nil
  }

  private func send(_ response: Response, _ form: ReplyForm, to stream: StreamID) {
    sockets.table.write(to: stream) { response.render(into: &$0, as: form) }
    if form.persistence == .closing { return sockets.table.finish(stream) }
    sockets.setAlarm(stream, at: sockets.loop.now + patience.idle)
  }

  private func refuse(_ stream: StreamID, _ response: Response, _ form: ReplyForm) {
    forget(stream)
    sockets.setAlarm(stream, at: nil)
    send(response, form, to: stream)
  }
}
