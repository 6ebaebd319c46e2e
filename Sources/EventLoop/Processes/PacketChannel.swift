import Bytes
import CLinux
import Glibc

/// Whole packets, with descriptors if need be, between two of our own processes. Bounded: what the kernel
/// does not take waits, and beyond `queueLimit` packets the oldest is dropped and counted.
package final class PacketChannel: EventSource {
  package static let packetLimit = 32 << 10
  package static var mostDescriptors: Int { Int(CLINUX_DESCRIPTORS_MAX) }

  package var onPacket: ((Span<UInt8>, [Int32]) -> Void)?
  package var onEnd: (() -> Void)?
  package private(set) var dropped: UInt64 = 0

  private let loop: EventLoop
  private let descriptor: Int32
  private let queueLimit: Int
  private var source: SourceID?
  private var queue: [[UInt8]] = []
  /// There is room again for what `offer` was told there was none for.
  package var onWritable: (() -> Void)?
  private var wantsWritable = false

  /// The two ends: one to keep, one for the child to inherit.
  package static func pair() throws(SystemError) -> (Int32, Int32) {
    var pair: [Int32] = [0, 0]
    // SAFETY: two elements, as the call wants.
    try checked(unsafe clinux_packet_pair(&pair), "socketpair")
    return (pair[0], pair[1])
  }

  /// Where processes that have lost us find us.
  package static func listen(at path: String) throws(SystemError) -> Descriptor {
    SmallFile.remove(path)
    return Descriptor(owning: try checked(unsafe clinux_listen_packets(path, 64), "listen \(path)"))
  }

  package static func connect(to path: String) throws(SystemError) -> Descriptor {
    Descriptor(owning: try checked(unsafe clinux_connect_packets(path), "connect \(path)"))
  }

  package init(
    _ loop: EventLoop, adopting descriptor: consuming Descriptor, queueLimit: Int = 256
  ) throws(SystemError) {
    self.loop = loop
    self.queueLimit = queueLimit
    self.descriptor = descriptor.number
    let id = loop.add(self)
    do throws(SystemError) {
      try loop.watch(descriptor.number, for: .readable, by: id)
    } catch {
      loop.remove(id)
      throw error
    }
    source = id
    // From here on ours, until `close`.
    _ = descriptor.release()
  }

  package func send(_ packet: [UInt8]) {
    // An empty packet would look like the end.
    guard source != nil, !packet.isEmpty, packet.count <= Self.packetLimit else { return }
    if queue.isEmpty && post(packet, []) { return }
    if queue.count == queueLimit {
      queue.removeFirst()
      dropped += 1
    }
    queue.append(packet)
    updateInterest()
  }

  /// For whoever keeps what does not go now: false means later, after `onWritable`. The descriptors stay ours.
  package func offer(_ packet: [UInt8], _ descriptors: [Int32] = []) -> Bool {
    guard source != nil, !packet.isEmpty, packet.count <= Self.packetLimit else { return true }
    if queue.isEmpty && post(packet, descriptors) { return true }
    wantsWritable = true
    updateInterest()
    return false
  }

  package var isOpen: Bool { source != nil }

  package func close() {
    guard let source else { return }
    loop.unwatch(descriptor)
    loop.remove(source)
    self.source = nil
    queue = []
    _ = Glibc.close(descriptor)
    onPacket = nil
    onEnd = nil
    onWritable = nil
  }

  package func ready(_ key: UInt32, _ readiness: Readiness) {
    if readiness.contains(.writable) {
      while let first = queue.first, post(first, []) { queue.removeFirst() }
      let isAwaited = wantsWritable && queue.isEmpty
      if isAwaited { wantsWritable = false }
      updateInterest()
      if isAwaited { onWritable?() }
    }
    if !readiness.isDisjoint(with: [.readable, .hangup, .failed]) { receive() }
  }

  private func receive() {
    for _ in 0..<64 where source != nil {
      var numbers = [Int32](repeating: -1, count: Int(CLINUX_DESCRIPTORS_MAX))
      var numberCount: Int32 = 0
      var result = 0
      var packet = ByteBuffer()
      packet.append(upTo: Self.packetLimit) { spare in
        // SAFETY: the span is writable memory of exactly this size, and `numbers` holds the call's maximum.
        result = unsafe spare.withUnsafeMutableBytes {
          unsafe clinux_receive_packet(descriptor, $0.baseAddress, $0.count, &numbers, &numberCount)
        }
        return max(0, result)
      }
      if result == -Int(EAGAIN) { return }
      guard result > 0, let onPacket else {
        for number in numbers.prefix(Int(numberCount)) { _ = Glibc.close(number) }
        if result > 0 { continue }
        let ended = onEnd
        close()
        ended?()
        return
      }
      onPacket(packet.bytes, Array(numbers.prefix(Int(numberCount))))
    }
  }

  private func post(_ packet: [UInt8], _ descriptors: [Int32]) -> Bool {
    // SAFETY: the arrays' own counts are passed along.
    let sent = unsafe clinux_send_packet(
      descriptor, packet, packet.count, descriptors, Int32(descriptors.count))
    // A broken channel swallows: its reading side ends it. Too many descriptors on their way will be fewer soon.
    return sent != -Int(EAGAIN) && sent != -Int(ETOOMANYREFS)
  }

  private func updateInterest() {
    guard let source else { return }
    let isWaiting = !queue.isEmpty || wantsWritable
    loop.rewatch(descriptor, for: isWaiting ? [.readable, .writable] : .readable, by: source)
  }
}
