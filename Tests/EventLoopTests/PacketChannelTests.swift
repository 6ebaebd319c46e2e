import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct PacketChannelTests {
  private func pair(_ loop: EventLoop, queueLimit: Int = 256) throws -> (PacketChannel, PacketChannel) {
    let (first, second) = try PacketChannel.pair()
    return (
      try PacketChannel(loop, adopting: Descriptor(owning: first), queueLimit: queueLimit),
      try PacketChannel(loop, adopting: Descriptor(owning: second))
    )
  }

  @Test("packets arrive whole and in order, the largest too; an empty one or a larger one is not sent")
  func packets() throws {
    let loop = try EventLoop()
    let (near, far) = try pair(loop)
    var heard: [[UInt8]] = []
    far.onPacket = { bytes, _ in heard.append(bytes.copied()) }
    let largest = [UInt8](repeating: 5, count: PacketChannel.packetLimit)
    near.send([1, 2])
    near.send([])
    near.send(largest + [0])
    near.send(largest)
    near.send([3])
    try loop.turn(until: "three packets") { heard.count == 3 }
    #expect(heard == [[1, 2], largest, [3]])
    near.close()
    far.close()
  }

  @Test("what the kernel does not take waits in order; beyond the limit the oldest goes, counted")
  func queue() throws {
    let loop = try EventLoop()
    let (near, far) = try pair(loop, queueLimit: 8)
    var heard: [UInt8] = []
    for number in 0..<200 { near.send([UInt8](repeating: UInt8(number), count: 16 << 10)) }
    #expect(near.dropped > 0)
    far.onPacket = { bytes, _ in heard.append(bytes[0]) }
    try loop.turn(until: "all but the dropped") { heard.count + Int(near.dropped) == 200 }
    #expect(heard == heard.sorted() && heard.suffix(8) == [192, 193, 194, 195, 196, 197, 198, 199])
    near.close()
    far.close()
  }

  @Test("closing tells the other side at once, though the channel itself is still held")
  func end() throws {
    let loop = try EventLoop()
    let (near, far) = try pair(loop)
    var ended = 0
    var heard = 0
    far.onEnd = { ended += 1 }
    far.onPacket = { _, _ in heard += 1 }
    near.send([1])
    near.close()
    try loop.turn(until: "the end") { ended == 1 }
    #expect(heard == 1)
    near.send([2])
    near.close()
    far.close()
    #expect(ended == 1)
  }

  /// What the C shim does, by hand: one packet with descriptors beside it.
  private func send(_ descriptors: [Int32], through fd: Int32) -> Int {
    let length = 16 + 4 * descriptors.count
    var control = [UInt64](repeating: 0, count: (length + 7) / 8)
    control[0] = UInt64(length)
    control[1] = UInt64(SOL_SOCKET) | UInt64(SCM_RIGHTS) << 32
    for (index, number) in descriptors.enumerated() {
      control[2 + index / 2] |= UInt64(UInt32(bitPattern: number)) << UInt64(32 * (index % 2))
    }
    var byte: UInt8 = 1
    return unsafe withUnsafeMutablePointer(to: &byte) { byte in
      var part = unsafe iovec(iov_base: byte, iov_len: 1)
      return unsafe withUnsafeMutablePointer(to: &part) { part in
        let size = control.count * 8
        return unsafe control.withUnsafeMutableBytes { bytes in
          var message = unsafe msghdr()
          unsafe message.msg_iov = part
          unsafe message.msg_iovlen = 1
          unsafe message.msg_control = bytes.baseAddress
          unsafe message.msg_controllen = size
          return unsafe sendmsg(fd, &message, Int32(MSG_NOSIGNAL))
        }
      }
    }
  }

  @Test("descriptors arrive with their packet, usable and closed on exec", arguments: [1, 2, 63, 64])
  func descriptors(count: Int) throws {
    let loop = try EventLoop()
    let (raw, end) = try PacketChannel.pair()
    defer { _ = Glibc.close(raw) }
    let far = try PacketChannel(loop, adopting: Descriptor(owning: end))
    var got: [Int32] = []
    far.onPacket = { _, numbers in got = numbers }
    #expect(send([Int32](repeating: raw, count: count), through: raw) == 1)
    try loop.turn(until: "the packet") { !got.isEmpty }
    #expect(got.count == count)
    let flags = got.map { fcntl($0, F_GETFD) }
    #expect(flags.allSatisfy { $0 == FD_CLOEXEC })
    for number in got { _ = Glibc.close(number) }
    far.close()
  }

  @Test("descriptors nobody wants are closed, not kept")
  func unwanted() throws {
    let loop = try EventLoop()
    let (raw, end) = try PacketChannel.pair()
    let far = try PacketChannel(loop, adopting: Descriptor(owning: end))
    let (lonely, watched) = try PacketChannel.pair()
    #expect(send([watched], through: raw) == 1)
    _ = Glibc.close(watched)
    // Once the last copy is closed, the other end of it hangs up.
    var entry = pollfd(fd: lonely, events: 0, revents: 0)
    try loop.turn(until: "the last copy is closed") {
      let ready = unsafe poll(&entry, 1, 0)
      return ready == 1 && entry.revents & Int16(POLLHUP) != 0
    }
    _ = Glibc.close(raw)
    _ = Glibc.close(lonely)
    far.close()
  }
}
