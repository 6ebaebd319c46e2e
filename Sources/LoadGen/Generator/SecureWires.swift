import Bytes
import EventLoop
import TLS

/// The TLS ends of a run's sockets, for targets that want it.
final class SecureWires {
  /// One connection's end, and what of its plain text waits for more.
  final class Wire {
    fileprivate let session: TLSSession
    var plain = ByteBuffer()

    fileprivate init(_ session: TLSSession) { self.session = session }

    var isOpen: Bool { session.state == .open }
  }

  private let context: TLSContext
  private let host: String
  private let table: StreamTable
  private var wires: [StreamID: Wire] = [:]
  private var cipher = ByteBuffer()

  init(_ table: StreamTable, host: String, authority: String?) throws(TLSError) {
    self.table = table
    self.host = host
    context = try TLSContext.client(roots: authority.map { .file($0) } ?? .system)
  }

  /// Whether there is something to trust: each generator finds out for itself otherwise.
  static func check(authority: String?) throws(TLSError) {
    _ = try TLSContext.client(roots: authority.map { .file($0) } ?? .system)
  }

  func wire(of stream: StreamID) -> Wire? { wires[stream] }

  func forget(_ stream: StreamID) { wires[stream] = nil }

  /// A connection stands: the first words of its handshake leave.
  func begin(_ stream: StreamID) throws(TLSError) {
    cipher.clear()
    wires[stream] = Wire(try TLSSession(calling: host, context, into: &cipher))
    _ = leave(cipher, stream)
  }

  /// What the wire brought is added to the plain text. What TLS itself has to say leaves, also when this throws.
  func receive(_ bytes: Span<UInt8>, _ wire: Wire, of stream: StreamID) throws(TLSError) {
    cipher.clear()
    defer { if !cipher.isEmpty { _ = leave(cipher, stream) } }
    try wire.session.receive(bytes, into: &wire.plain, answering: &cipher)
  }

  /// False when it could not be taken: then the stream is not to be used any more.
  func send(_ bytes: Span<UInt8>, to stream: StreamID) -> Bool {
    guard let wire = wires[stream] else { return false }
    cipher.clear()
    do throws(TLSError) { try wire.session.write(bytes, into: &cipher) } catch { return false }
    return leave(cipher, stream)
  }

  private func leave(_ cipher: borrowing ByteBuffer, _ stream: StreamID) -> Bool {
    table.send(cipher.bytes, to: stream)
  }
}
