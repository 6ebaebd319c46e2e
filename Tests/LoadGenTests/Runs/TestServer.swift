import Bytes
import EventLoop
import Glibc
import TLS
import WireProtocol

/// A WebSocket echo server that misbehaves exactly as told, in the loop of the generator it is to fool.
final class TestServer {
  enum Farewell: Hashable {
    case reset
    case fin
    case code(UInt16)
  }

  /// What becomes of an answer.
  enum Tampering { case none, drop, double, swapWithNext, spoil }

  /// Between a message and its answer.
  var delay = Duration.zero
  /// What is due within leaves at its end.
  var freeze: Range<Moment>?
  var tamper: (Span<UInt8>) -> Tampering = { _ in .none }
  /// Answers the handshakes, in place of an agreement.
  var refusal: String?
  /// Said in place of every answer.
  var saying: String?
  /// Speaks `sluice.v1` in place of the echo.
  var desk: SluiceDesk?
  /// The first lines of all handshakes, with their headers.
  var requests: [String] = []
  private(set) var heard: [[UInt8]] = []
  /// By their age.
  private(set) var connections: [TestConnection] = []
  let address: SocketAddress

  private let loop: EventLoop
  private let context: TLSContext?
  private var socket: Int32 = -1
  private var listener: Listener?
  private var answers: [(due: Moment, connection: TestConnection, frame: [UInt8])] = []
  private var held: [ObjectIdentifier: [UInt8]] = [:]

  init(_ loop: EventLoop, at place: SocketAddress = .tcp(host: "127.0.0.1", port: 0), tls: TLSContext? = nil)
    throws
  {
    self.loop = loop
    context = tls
    socket = try Socket.listen(on: place).release()
    if case .tcp(let host, 0) = place {
      address = .tcp(host: host, port: Socket.localPort(of: socket) ?? 0)
    } else {
      address = place
    }
    try accept()
    loop.atEndOfTurn { [weak self] in self?.flush() }
  }

  deinit { stopListening() }

  /// From now on connections are refused.
  func stopListening() {
    listener?.pause()
    listener = nil
    if socket >= 0 { _ = close(socket) }
    socket = -1
  }

  func listenAgain() throws {
    socket = try Socket.listen(on: address).release()
    try accept()
  }

  private func accept() throws {
    listener = Listener(loop, socket: socket) { [weak self] descriptor in
      guard let self, let connection = try? TestConnection(loop, descriptor, context, server: self) else {
        return
      }
      connections.append(connection)
    }
    try listener?.resume()
  }

  func forget(_ connection: TestConnection) { connections.removeAll { $0 === connection } }

  func end(_ ended: some Sequence<TestConnection>, _ farewell: Farewell) {
    for connection in Array(ended) { connection.end(farewell) }
  }

  // MARK: Echo

  /// When the next answer is to leave.
  var due: Moment? { answers.first?.due }

  func hear(_ message: Span<UInt8>, from connection: TestConnection) {
    heard.append(message.copied())
    if let desk { return desk.hear(message, from: connection) }
    var due = Moment.current + delay
    if let freeze, freeze.contains(due) { due = freeze.upperBound }
    var bytes = saying.map { Array($0.utf8) } ?? message.copied()
    let id = ObjectIdentifier(connection)
    let tampering = tamper(message)
    switch tampering {
    case .drop: return
    case .swapWithNext:
      held[id] = bytes
      return
    case .spoil: bytes[bytes.count - 1] ^= 1
    case .none, .double: break
    }
    let followers = tampering == .double ? [bytes] : held.removeValue(forKey: id).map { [$0] } ?? []
    for text in [bytes] + followers {
      var frame = ByteBuffer()
      FrameWriter.append(.text, text.span, into: &frame)
      answers.append((due, connection, frame.bytes.copied()))
    }
  }

  private func flush() {
    let now = Moment.current
    var count = 0
    while count < answers.count, answers[count].due <= now {
      let frame = answers[count].frame
      answers[count].connection.send(frame.span)
      count += 1
    }
    answers.removeFirst(count)
  }
}

/// One client of a `TestServer`.
final class TestConnection {
  private unowned let server: TestServer
  private let stream: ByteStream
  private let number: Int32
  private var session: TLSSession?
  private var plain = ByteBuffer()
  private var decoder = RequestDecoder()
  private var conversation: Conversation?
  private var store = HeapMessageStore()
  private let bench = Workbench()
  private(set) var closedWith: CloseCode??

  init(_ loop: EventLoop, _ descriptor: consuming Descriptor, _ context: TLSContext?, server: TestServer)
    throws
  {
    self.server = server
    number = descriptor.number
    session = try context.map { try TLSSession(serving: $0) }
    stream = try ByteStream(loop, adopting: descriptor)
    stream.onBytes = { [unowned self] in receive($0) }
    stream.onEnd = { [unowned self] _ in self.server.forget(self) }
  }

  var isOpen: Bool { conversation != nil }

  func send(_ bytes: Span<UInt8>) {
    guard let session else { return stream.send(bytes) }
    var wire = ByteBuffer()
    try? session.write(bytes, into: &wire)
    stream.send(wire.bytes)
  }

  func say(_ text: String) {
    var frame = ByteBuffer()
    FrameWriter.append(.text, Array(text.utf8).span, into: &frame)
    send(frame.bytes)
  }

  func ping() {
    var frame = ByteBuffer()
    FrameWriter.append(.ping, Array("?".utf8).span, into: &frame)
    send(frame.bytes)
  }

  func end(_ farewell: TestServer.Farewell) {
    switch farewell {
    case .reset:
      Socket.resetOnClose(number)
      stream.close()
      server.forget(self)
    case .fin: Socket.shutdownWrite(number)
    case .code(let code):
      var frame = ByteBuffer()
      FrameWriter.appendClose(CloseCode(rawValue: code), into: &frame)
      send(frame.bytes)
      conversation?.beginClose()
    }
  }

  private func receive(_ bytes: Span<UInt8>) -> Int {
    guard let session else { return take(bytes) }
    var wire = ByteBuffer()
    do { try session.receive(bytes, into: &plain, answering: &wire) } catch {
      stream.send(wire.bytes)
      return bytes.count
    }
    stream.send(wire.bytes)
    let text = plain.bytes.copied()
    plain.removeFirst(take(text.span))
    return bytes.count
  }

  private func take(_ bytes: Span<UInt8>) -> Int {
    if bytes.count == 0 { return 0 }
    return conversation == nil ? shake(bytes) : converse(bytes)
  }

  private func shake(_ bytes: Span<UInt8>) -> Int {
    guard case .request(let request, let used)? = try? decoder.decode(bytes) else { return bytes.count }
    server.requests.append(String(decoding: bytes.extracting(first: used).copied(), as: UTF8.self))
    if let refusal = server.refusal {
      send(Array(refusal.utf8).span)
      return used
    }
    guard
      case .accepted(let upgrade) = ServerHandshake.examine(
        request, offer: HandshakeOffer(subprotocols: ["sluice.v1"], deflate: false))
    else { return used }
    let digest = SHA1.digest(of: upgrade.keyMaterial.span)
    var answer = ByteBuffer()
    upgrade.render(into: &answer, digest: digest.span)
    send(answer.bytes)
    conversation = Conversation(role: .server)
    server.desk?.welcome(self)
    return used
  }

  private func converse(_ bytes: Span<UInt8>) -> Int {
    guard var conversation else { return bytes.count }
    let wasClosing = conversation.isClosing
    let used = try? conversation.receive(bytes, store: &store, bench: bench) { event, payload in
      switch event {
      case .text, .binary: server.hear(payload, from: self)
      case .ping, .pong: break
      case .close(let code):
        closedWith = .some(code)
        var frame = ByteBuffer()
        if !wasClosing { FrameWriter.appendCloseAnswer(to: code, into: &frame) }
        send(frame.bytes)
      }
    }
    try? conversation.settle(&store)
    self.conversation = conversation
    return used ?? bytes.count
  }
}
