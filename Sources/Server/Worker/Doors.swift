import EventLoop

/// The listening sockets of every slot of the host, as one worker has them: it accepts from its own, and from those of
/// another slot as long as that one cannot.
final class Doors {
  private let loop: EventLoop
  private let log: Log
  private let onAccept: (consuming Descriptor) -> Void
  private var slots: [[Listener]] = []

  init(_ loop: EventLoop, log: Log, onAccept: @escaping (consuming Descriptor) -> Void) {
    self.loop = loop
    self.log = log
    self.onAccept = onAccept
  }

  /// `numbers[slot]` are the listening sockets of that slot; none of them is open yet.
  func hang(_ numbers: [[Int32]]) {
    slots = numbers.map { slot in slot.map { Listener(loop, socket: $0, accepted: onAccept) } }
  }

  var numbers: [Int32] { slots.joined().map(\.number) }

  func open(_ slot: Int) {
    guard slots.indices.contains(slot) else { return }
    for listener in slots[slot] {
      do throws(SystemError) { try listener.resume() } catch {
        log.error("cannot accept: \(error)", event: "listener")
      }
    }
  }

  func close(_ slot: Int) {
    guard slots.indices.contains(slot) else { return }
    for listener in slots[slot] { listener.pause() }
  }

  func closeAll() { for slot in slots.indices { close(slot) } }
}
