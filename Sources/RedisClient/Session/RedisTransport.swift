import Bytes
import EventLoop
import TLS

/// The connection under a session: bytes as they are, or through TLS for `rediss://`.
final class RedisTransport {
  /// Commands may go out.
  var onOpen: (() -> Void)?
  var onBytes: ((Span<UInt8>) -> Void)?
  /// At most once.
  var onEnd: ((RedisError) -> Void)?

  private let stream: ByteStream
  private let host: String?
  private let context: TLSContext?
  private var session: TLSSession?
  private var isOpen = false
  private var read = ByteBuffer()
  private var written = ByteBuffer()

  init(_ loop: EventLoop, _ endpoint: RedisEndpoint, at address: SocketAddress) throws(RedisError) {
    host = endpoint.tlsHost
    do throws(TLSError) {
      context = try host.map { _ throws(TLSError) in
        try TLSContext.client(roots: endpoint.authority.map { .file($0) } ?? .system)
      }
    } catch {
      throw .down("\(error)")
    }
    do throws(SystemError) { stream = try ByteStream(loop, connecting: address) } catch {
      throw .down("\(error)")
    }
    stream.onOpen = { [weak self] in self?.connected() }
    stream.onBytes = { [weak self] bytes in
      self?.receive(bytes)
      return bytes.count
    }
    stream.onEnd = { [weak self] in self?.fail(.down("\($0)")) }
  }

  var pendingBytes: Int { stream.pendingBytes }

  func close() {
    onOpen = nil
    onBytes = nil
    onEnd = nil
    if let session { stream.write { session.close(into: &$0) } }
    stream.close()
  }

  /// Renders what is to be sent; through TLS it is rendered first and then sealed.
  func write(_ render: (inout ByteBuffer) -> Void) {
    guard let session else { return stream.write(render) }
    // Out of its place while it is used; its memory is used again.
    var plain = ByteBuffer()
    swap(&plain, &written)
    render(&plain)
    seal { wire throws(TLSError) in try session.write(plain.bytes, into: &wire) }
    plain.clear()
    swap(&plain, &written)
  }

  func pushOut() { stream.pushOut() }

  private func connected() {
    guard let host, let context else {
      onOpen?()
      return
    }
    seal { wire throws(TLSError) in session = try TLSSession(calling: host, context, into: &wire) }
  }

  private func receive(_ bytes: Span<UInt8>) {
    guard let session else {
      onBytes?(bytes)
      return
    }
    read.clear()
    seal { wire throws(TLSError) in try session.receive(bytes, into: &read, answering: &wire) }
    if session.state == .open && !isOpen {
      isOpen = true
      onOpen?()
    }
    if !read.isEmpty { onBytes?(read.bytes) }
    if session.state == .closed { fail(.down("Redis has closed the TLS connection")) }
  }

  /// What a step says goes out also when it fails: then it tells the peer why.
  private func seal(_ step: (inout ByteBuffer) throws(TLSError) -> Void) {
    var failure: TLSError?
    stream.write { wire in
      do throws(TLSError) { try step(&wire) } catch { failure = error }
    }
    if let failure { fail(.down("\(failure)")) }
  }

  private func fail(_ error: RedisError) {
    let handler = onEnd
    onEnd = nil
    handler?(error)
  }
}
