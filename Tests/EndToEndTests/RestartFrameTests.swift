import CZlib
import Glibc
import Testing

extension EndToEnd {
  /// What is half said when the worker dies is gone on with by the next one, at that very byte.
  @Suite(.serialized) struct RestartFrameTests {
    /// One worker, so that it is the one that is hit.
    private func guardedServer(_ arguments: [String] = []) throws -> Server {
      let server = try Server(arguments, workers: 1)
      try server.guarded(slots: 1)
      return server
    }

    /// By a kill and by a roll in turns.
    private func replaceWorker(of server: Server, turn: Int) throws {
      let before = server.workers
      if turn % 2 == 0 {
        kill(before[0], SIGKILL)
      } else {
        let roll = try server.order("roll", "--wait")
        #expect(roll.code == 0, "\(roll.output)")
      }
      try Deadline.until(5, "another worker") { server.workers.count == 1 && server.workers != before }
    }

    @Test("a frame, cut in its head, its mask, its payload: the rest may come to another process")
    func halfFrames() throws {
      let server = try guardedServer()
      let text = "half of it, and the other half ✓"
      let frame = WebClient.frame(opcode: 1, Array(text.utf8))
      let cuts = [1, 4, 7, frame.count - 1]
      let clients = try cuts.map { _ in try server.client("/ws?mode=echo&notify=0") }
      for turn in 0..<2 {
        for (client, cut) in zip(clients, cuts) { try client.send(frames: Array(frame.prefix(cut))) }
        // A word behind the parts on another socket: they have been read by then.
        try server.agreed(on: clients.count, slots: 1)
        try replaceWorker(of: server, turn: turn)
        for (client, cut) in zip(clients, cuts) {
          try client.send(frames: Array(frame.dropFirst(cut)))
          #expect(try client.text() == "echo: " + text)
        }
        try server.settled(after: turn + 1, slots: 1)
      }
    }

    @Test("a message in fragments, plain and compressed, with a takeover between each two")
    func fragments() throws {
      let server = try guardedServer()
      let plain = try server.client("/ws?mode=mirror&notify=0")
      let deflating = try server.client(
        "/ws?mode=mirror&notify=0", fields: ["Sec-WebSocket-Extensions: permessage-deflate"])
      #expect(deflating.upgrade.fields["sec-websocket-extensions"]?.hasPrefix("permessage-deflate") == true)
      let text = (0..<400).map { "line \($0)" }.joined(separator: "\n")
      let bytes = Array(text.utf8)
      let packed = try deflate(bytes)
      for part in 0..<3 {
        try plain.send(frames: Self.fragment(bytes, part, of: 3, first: 0x01))
        try deflating.send(frames: Self.fragment(packed, part, of: 3, first: 0x41))
        if part == 2 { break }
        // What was half said is no obstacle for what is whole.
        try plain.send(opcode: 9, [UInt8(part)])
        #expect(try plain.next() == .pong([UInt8(part)]))
        try replaceWorker(of: server, turn: part)
        try server.settled(after: part + 1, slots: 1)
      }
      #expect(try plain.text() == text)
      let message = try deflating.next()
      guard case .compressed(let answer) = message else { throw Trouble("\(message) is not compressed") }
      #expect(try inflate(answer) == bytes)
    }

    @Test("a request half there, and one more on a kept connection, are answered by whoever serves then")
    func requests() throws {
      let server = try guardedServer()
      let (kept, half, upgrading) = (
        try Wire(port: server.port), try Wire(port: server.port), try Wire(port: server.port)
      )
      let request = Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      let upgrade = Array(
        """
        GET /ws?mode=echo&notify=0 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
        """.utf8)
      for turn in 0..<2 {
        try kept.send(request)
        #expect(try Reply.read(from: kept, "the one before").status == 200)
        try half.send(Array(request.prefix(11)))
        if turn == 0 { try upgrading.send(Array(upgrade.prefix(60))) }
        try kept.send(request)
        #expect(try Reply.read(from: kept, "the one behind the half ones").status == 200)
        try replaceWorker(of: server, turn: turn)
        try half.send(Array(request.dropFirst(11)))
        #expect(try Reply.read(from: half, "the two halves").status == 200)
        if turn == 0 { try upgrading.send(Array(upgrade.dropFirst(60))) }
        try server.settled(after: turn + 1, slots: 1)
      }
      #expect(try Reply.read(from: upgrading, "half a handshake").status == 101)
      try server.agreed(on: 1, slots: 1)
    }

    @Test("pings and notices keep their time through a kill and a roll")
    func phase() throws {
      let server = try guardedServer(["--notify-text", "knock", "--heartbeat-interval", "700ms"])
      let client = try server.client("/ws?notify=1")
      var pings = Rhythm(period: 0.7)
      var notices = Rhythm(period: 1)
      var roll: Program?
      var (rolledAt, seen) = (Double.infinity, 0)
      while !pings.isOnTime(after: rolledAt) || !notices.isOnTime(after: rolledAt) {
        switch try client.frame(within: 3) {
        case .ping(let payload):
          pings.note()
          try client.send(opcode: 10, payload)
        case .text("knock"): notices.note()
        case let other: throw Trouble("\(other) came")
        }
        if notices.times.count == 1 && pings.times.count == 1 { kill(server.workers[0], SIGKILL) }
        if notices.times.count == 3 && roll == nil { roll = try server.console("roll", "--wait") }
        if rolledAt == .infinity, roll?.isRunning == false { rolledAt = Deadline.now }
        seen += 1
        try #require(seen < 60, "neither is on time again: \(pings), \(notices)")
      }
      #expect(try roll?.exitCode(within: 5, "the roll is over") == 0)
      #expect(pings.isNeverEarly && notices.isNeverEarly, "\(pings), \(notices)")
    }

    /// What comes at equal intervals from the moment this is made.
    private struct Rhythm {
      let period: Double
      private let start = Deadline.now
      private(set) var times: [Double] = []

      init(period: Double) { self.period = period }

      mutating func note() { times.append(Deadline.now - start) }

      /// A busy machine may make one late. The next has its own time again.
      func isOnTime(after moment: Double) -> Bool {
        guard let last = times.last, start + last > moment else { return false }
        return abs(last.remainder(dividingBy: period)) < 0.2
      }

      /// None is doubled either, for that one would be before its time.
      var isNeverEarly: Bool { times.enumerated().allSatisfy { $1 > period * Double($0 + 1) - 0.3 } }
    }

    /// One of `count` parts of a message, as a frame.
    private static func fragment(_ bytes: [UInt8], _ part: Int, of count: Int, first: UInt8) -> [UInt8] {
      let size = bytes.count / count
      let piece = part == count - 1 ? bytes[(part * size)...] : bytes[part * size..<(part + 1) * size]
      var frame = WebClient.frame(opcode: 0, Array(piece))
      frame[0] = (part == 0 ? first : 0) | (part == count - 1 ? 0x80 : 0)
      return frame
    }

    private func deflate(_ bytes: [UInt8]) throws -> [UInt8] {
      var input = bytes
      var output = [UInt8](repeating: 0, count: bytes.count + 64)
      var stream = z_stream()
      let size = Int32(MemoryLayout<z_stream>.size)
      guard deflateInit2_(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
      else {
        throw Trouble("zlib does not start")
      }
      defer { deflateEnd(&stream) }
      let count = try run(&stream, &input, &output) { CZlib.deflate(&$0, Z_SYNC_FLUSH) }
      // Without the four bytes that every such block ends with (RFC 7692, 7.2.1).
      return Array(output.prefix(count - 4))
    }

    private func inflate(_ bytes: [UInt8]) throws -> [UInt8] {
      var input = bytes + [0x00, 0x00, 0xFF, 0xFF]
      var output = [UInt8](repeating: 0, count: 1 << 16)
      var stream = z_stream()
      guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw Trouble("zlib does not start")
      }
      defer { inflateEnd(&stream) }
      let count = try run(&stream, &input, &output) { CZlib.inflate(&$0, Z_SYNC_FLUSH) }
      return Array(output.prefix(count))
    }

    private func run(
      _ stream: inout z_stream, _ input: inout [UInt8], _ output: inout [UInt8],
      _ step: (inout z_stream) -> Int32
    ) throws -> Int {
      try input.withUnsafeMutableBufferPointer { source in
        try output.withUnsafeMutableBufferPointer { target in
          stream.next_in = source.baseAddress
          stream.avail_in = UInt32(source.count)
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          guard step(&stream) == Z_OK, stream.avail_in == 0 else { throw Trouble("zlib refuses") }
          return target.count - Int(stream.avail_out)
        }
      }
    }
  }
}
