import Bytes
import Compression
import EventLoop
import TLS
import WireProtocol

/// `wsload echo URL`: connects, sends back whatever comes as it came, and ends when it is closed. The client that
/// test suites examine.
final class EchoClient: StreamOwner {
  enum Result: Equatable {
    case closed
    case refused(String)
  }

  var onEnd: ((Result) -> Void)?

  private let loop: EventLoop
  private let shake: Shake
  private let number = Machine.random()
  private let table: StreamTable
  private let bench = Workbench(inflater: try? ZlibInflater())
  private var decoder = ResponseDecoder(answering: .head)
  private var conversation: Conversation?
  private var deflater: ZlibDeflater?
  private var store = HeapMessageStore()
  private var compressed = ByteBuffer()

  init(_ loop: EventLoop, target: Target) throws(SystemError) {
    self.loop = loop
    shake = Shake(target: target, headers: [], deflate: true)
    let limits = StreamLimits(streams: 1, output: 256 << 20, memory: 1 << 30)
    table = try StreamTable(loop, limits: limits)
    table.owner = self
    guard let address = target.addresses().first else {
      throw SystemError("look up \(target.host)", 2)
    }
    _ = try table.connect(to: address)
  }

  func opened(_ stream: StreamID) { table.write(to: stream) { shake.request(number, into: &$0) } }

  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    if conversation != nil { return converse(stream, bytes) }
    switch shake.read(bytes, number, &decoder) {
    case .more(let used): return used
    case .failed(let status, _):
      end(
        .refused(
          status.map { "the server answered \($0)" } ?? "the server's answer is no WebSocket handshake"))
      return bytes.count
    case .open(let agreement, let used):
      let limits = MessageLimits(message: 64 << 20)
      conversation = Conversation(role: .client, limits: limits, deflate: agreement != nil)
      // The server may have asked for a small window; 8 bits are more than zlib can do, so such go plain.
      if let agreement, agreement.clientWindowBits >= 9 {
        deflater = try? ZlibDeflater(windowBits: agreement.clientWindowBits)
      }
      return used == bytes.count ? used : used + converse(stream, bytes.extracting(droppingFirst: used))
    }
  }

  private func converse(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    guard var conversation else { return bytes.count }
    var goodbye: CloseCode??
    do throws(Violation) {
      let used = try conversation.receive(bytes, store: &store, bench: bench) { event, payload in
        switch event {
        case .text: echo(.text, payload, to: stream)
        case .binary: echo(.binary, payload, to: stream)
        case .ping: table.write(to: stream) { FrameWriter.append(.pong, payload, mask: mask, into: &$0) }
        case .pong: break
        case .close(let code): goodbye = .some(code)
        }
      }
      self.conversation = conversation
      if let code = goodbye {
        table.write(to: stream) { FrameWriter.appendCloseAnswer(to: code, mask: mask, into: &$0) }
        table.finish(stream)
      }
      return used
    } catch {
      self.conversation = conversation
      table.write(to: stream) { FrameWriter.appendClose(for: error, mask: mask, into: &$0) }
      table.finish(stream)
      return bytes.count
    }
  }

  private func echo(_ opcode: Opcode, _ payload: Span<UInt8>, to stream: StreamID) {
    guard let deflater, ZlibDeflater.shouldCompress(payload.count) else {
      table.write(to: stream) { FrameWriter.append(opcode, payload, mask: mask, into: &$0) }
      return
    }
    compressed.clear()
    guard (try? deflater.deflate(payload, into: &compressed)) != nil else { return }
    send(opcode, compressed, to: stream)
  }

  private func send(_ opcode: Opcode, _ message: borrowing ByteBuffer, to stream: StreamID) {
    var frame = ByteBuffer()
    FrameWriter.append(opcode, message.bytes, mask: mask, compressed: true, into: &frame)
    table.send(frame.bytes, to: stream)
  }

  private var mask: Mask { Mask(UInt32(truncatingIfNeeded: Machine.random())) }

  func ended(_ stream: StreamID, _ reason: StreamEnd) {
    if conversation != nil { return end(.closed) }
    switch reason {
    case .refused: end(.refused("nobody listens there"))
    case .timeout: end(.refused("no answer in time"))
    case .eof, .reset, .closed, .overflow, .failed: end(.refused("the connection ended before the handshake"))
    }
  }

  private func end(_ result: Result) {
    onEnd?(result)
    onEnd = nil
  }
}
