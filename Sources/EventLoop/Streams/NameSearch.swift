import Bytes
import CLinux

/// Where a host is by now: its name is looked up beside the loop, which goes on meanwhile.
package final class NameSearch {
  private let stream: ByteStream
  private var text: [UInt8] = []

  /// `found` is called once, with nothing if nobody knows the name, and not after the search was let go.
  package init(
    _ loop: EventLoop, for name: String, found: @escaping ([String]) -> Void
  ) throws(SystemError) {
    // SAFETY: the name is copied before the call returns.
    let answer = unsafe clinux_look_up(name)
    if answer < 0 { throw SystemError("look up \(name)", -answer) }
    stream = try ByteStream(loop, adopting: Descriptor(owning: answer))
    stream.onBytes = { [weak self] bytes in
      self?.text += bytes.copied()
      return bytes.count
    }
    stream.onEnd = { [weak self] _ in
      guard let self else { return }
      found(text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) })
    }
  }

  deinit { stream.close() }
}
