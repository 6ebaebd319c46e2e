import Bytes
import EventLoop
import Glibc

/// Standard error on a detour, while the terminal shows a picture: each line is handed over as it comes, and all of
/// them, up to a bound, are written to where they belong once that is over.
final class ErrorPipe: EventSource {
  private let loop: EventLoop
  private let onLine: (String) -> Void
  private let reading: Int32
  private let original: Int32
  private var source: SourceID?
  private var kept: [UInt8] = []
  private var line: [UInt8] = []

  /// The latest that are kept; earlier ones were on the screen.
  private static let limit = 64 << 10

  init(_ loop: EventLoop, onLine: @escaping (String) -> Void) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: two elements, as the call wants.
    if unsafe pipe(&ends) != 0 { throw SystemError("pipe", errno) }
    let ours = Descriptor(owning: ends[0])
    let theirs = Descriptor(owning: ends[1])
    let saved = Descriptor(owning: fcntl(2, F_DUPFD_CLOEXEC, 3))
    self.loop = loop
    self.onLine = onLine
    reading = ours.number
    original = saved.number
    // Only our end: a writer that finds it full may wait, as it may for a terminal. Children get no more of these
    // than descriptor 2.
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    let id = loop.add(self)
    do throws(SystemError) {
      try loop.watch(reading, for: .readable, by: id)
    } catch {
      loop.remove(id)
      throw error
    }
    source = id
    _ = dup2(theirs.number, 2)
    // From here on closed by `close`.
    _ = ours.release()
    _ = saved.release()
  }

  func ready(_ key: UInt32, _ readiness: Readiness) { read() }

  /// Our own words among the rest. Not through the pipe: were it full, nobody would read it while we wait.
  func keep(_ text: String) { kept += Array((text + "\n").utf8) }

  func close() {
    guard let source else { return }
    self.source = nil
    _ = dup2(original, 2)
    read()
    loop.unwatch(reading)
    loop.remove(source)
    _ = Glibc.close(reading)
    _ = Glibc.close(original)
    Output.write(String(decoding: kept, as: UTF8.self), to: 2)
  }

  private func read() {
    var chunk = ByteBuffer()
    while true {
      chunk.clear()
      chunk.append(upTo: 4096) { room in
        // SAFETY: the span is writable memory of exactly this size.
        unsafe room.withUnsafeMutableBytes { max(0, unsafe Glibc.read(reading, $0.baseAddress, $0.count)) }
      }
      if chunk.isEmpty { return }
      take(chunk.bytes.copied())
    }
  }

  private func take(_ bytes: [UInt8]) {
    kept += bytes
    if kept.count > Self.limit { kept.removeFirst(kept.count - Self.limit) }
    for byte in bytes {
      if byte == 0x0A {
        onLine(printable(String(decoding: line, as: UTF8.self)))
        line = []
      } else if line.count < 512 {
        line.append(byte)
      }
    }
  }
}
