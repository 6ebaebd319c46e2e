import Bytes
import EventLoop
import WireProtocol

/// Where Prometheus asks how the run goes: HTTP on the run's own loop, for a handful of callers at a time. Beyond that
/// a caller is closed at once, and one that does not finish its request in time too.
final class MetricsDoor: StreamOwner {
  private let loop: EventLoop
  private let page: () -> String
  private let address: SocketAddress
  private let socket: Descriptor
  private let table: StreamTable
  private var listener: Listener?
  private var decoders: [StreamID: RequestDecoder] = [:]

  private static let mostCallers = 16
  private static let patience = Duration.seconds(10)

  init(_ loop: EventLoop, at address: SocketAddress, page: @escaping () -> String) throws(SystemError) {
    self.loop = loop
    self.page = page
    self.address = address
    socket = try Socket.listen(on: address, backlog: 16)
    table = try StreamTable(loop, limits: .init(streams: Self.mostCallers, output: 1 << 20, memory: 4 << 20))
    table.owner = self
    listener = Listener(loop, socket: socket.number) { [weak self] in self?.accept($0) }
    try listener?.resume()
  }

  deinit { if case .unix(let path) = address { SmallFile.remove(path) } }

  private func accept(_ descriptor: consuming Descriptor) {
    guard let stream = table.adopt(descriptor) else { return }
    loop.after(Self.patience) { [weak self] in self?.dismiss(stream) }
  }

  private func dismiss(_ stream: StreamID) {
    decoders[stream] = nil
    table.close(stream)
  }

  func opened(_ stream: StreamID) {}

  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    var decoder = decoders.removeValue(forKey: stream) ?? RequestDecoder()
    do throws(HTTPError) {
      switch try decoder.decode(bytes) {
      case .more(let used), .expectsContinue(let used):
        decoders[stream] = decoder
        return used
      case .request(let request, let used):
        answer(stream, reply(to: request), omitsBody: request.method == .head)
        return used
      }
    } catch {
      answer(stream, error.response, omitsBody: decoder.refusalForm.omitsBody)
      return bytes.count
    }
  }

  func ended(_ stream: StreamID, _ end: StreamEnd) { decoders[stream] = nil }

  private func reply(to request: Request) -> Response {
    guard request.method == .get || request.method == .head else {
      return .text(.methodNotAllowed, "Only GET.\n")
    }
    guard ["/metrics", "/"].contains(request.target.rawPath) else {
      return .text(.notFound, "The figures are at /metrics.\n")
    }
    return .typed("text/plain; version=0.0.4; charset=utf-8", .ok, Array(page().utf8))
  }

  private func answer(_ stream: StreamID, _ response: Response, omitsBody: Bool) {
    let form = ReplyForm(omitsBody: omitsBody, persistence: .closing)
    table.write(to: stream) { response.render(into: &$0, as: form) }
    table.finish(stream)
  }
}
