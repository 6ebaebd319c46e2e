import Bytes
import EventLoop
import Glibc

/// A command and what it writes to its standard output, handed over whole once it has ended and said all of it.
final class CommandAnswer: EventSource {
  /// Beyond it the rest is not waited for: the answer is what came until then.
  static let limit = 16 << 20

  private let loop: EventLoop
  private let onAnswer: ([UInt8], ProcessExit) -> Void
  private let output: Int32
  private var source: SourceID?
  private var process: ChildProcess?
  private var bytes: [UInt8] = []

  init(
    _ loop: EventLoop, path: String, arguments: [String], onAnswer: @escaping ([UInt8], ProcessExit) -> Void
  ) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: two elements, as the call wants. A child keeps of them what it is given and no more.
    if unsafe pipe(&ends) != 0 { throw SystemError("pipe", errno) }
    let ours = Descriptor(owning: ends[0])
    let theirs = Descriptor(owning: ends[1])
    self.loop = loop
    self.onAnswer = onAnswer
    output = ours.number
    process = try ChildProcess(
      loop, path: path, arguments: arguments, inheriting: [1: theirs.number],
      onExit: { [weak self] _ in self?.advance() })
    let id = loop.add(self)
    do throws(SystemError) {
      try loop.watch(output, for: .readable, by: id)
    } catch {
      loop.remove(id)
      throw error
    }
    source = id
    // From here on closed by `close`.
    _ = ours.release()
  }

  /// Level-triggered: one read each time there is something, so it never blocks.
  func ready(_ key: UInt32, _ readiness: Readiness) {
    var chunk = ByteBuffer()
    chunk.append(upTo: 64 << 10) { room in
      // SAFETY: the span is writable memory of exactly this size.
      unsafe room.withUnsafeMutableBytes { max(0, unsafe read(output, $0.baseAddress, $0.count)) }
    }
    bytes += chunk.bytes.copied()
    if chunk.isEmpty || bytes.count > Self.limit { close() }
    advance()
  }

  private func close() {
    guard let source else { return }
    loop.unwatch(output)
    loop.remove(source)
    self.source = nil
    _ = Glibc.close(output)
  }

  private func advance() {
    guard source == nil, let exit = process?.exit else { return }
    process = nil
    onAnswer(bytes, exit)
  }
}
