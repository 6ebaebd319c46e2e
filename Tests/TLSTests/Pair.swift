import Bytes

@testable import TLS

/// A client and a server that talk in memory.
struct Pair {
  /// One end, with what it has read, what it has yet to send and why it ended.
  struct End {
    let session: TLSSession
    var plain: [UInt8] = []
    var wire: [UInt8] = []
    var error: TLSError?

    mutating func receive(_ bytes: [UInt8]) {
      var plain = ByteBuffer()
      var answer = ByteBuffer()
      do throws(TLSError) {
        try session.receive(bytes.span, into: &plain, answering: &answer)
      } catch { self.error = error }
      self.plain += plain.bytes.copied()
      wire += answer.bytes.copied()
    }

    mutating func write(_ bytes: [UInt8]) throws(TLSError) {
      var out = ByteBuffer()
      try session.write(bytes.span, into: &out)
      wire += out.bytes.copied()
    }

    mutating func close() {
      var out = ByteBuffer()
      session.close(into: &out)
      wire += out.bytes.copied()
    }

    /// What is to be sent now.
    mutating func take() -> [UInt8] {
      defer { wire = [] }
      return wire
    }
  }

  var client: End
  var server: End

  init(_ credentials: Credentials, host: String = "localhost", trusting roots: String? = nil) throws {
    let trusted = try TLSContext.client(roots: .file(roots ?? credentials.certificate))
    let context = try TLSContext.server(certificate: credentials.certificate, key: credentials.key)
    var first = ByteBuffer()
    client = End(session: try TLSSession(calling: host, trusted, into: &first))
    client.wire = first.bytes.copied()
    server = End(session: try TLSSession(serving: context))
  }

  /// Carries bytes both ways, in pieces, until neither has more to say.
  mutating func talk(inPiecesOf count: Int = .max) {
    while !client.wire.isEmpty || !server.wire.isEmpty {
      for piece in pieces(client.take(), count) { server.receive(piece) }
      for piece in pieces(server.take(), count) { client.receive(piece) }
    }
  }

  private func pieces(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
    let step = min(count, max(1, bytes.count))
    return stride(from: 0, to: bytes.count, by: step).map { Array(bytes[$0..<min(bytes.count, $0 + step)]) }
  }
}
