import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct PacketChannelTests {
  @Test("packets arrive whole and in order")
  func order() throws {
    let bench = try LoopBench()
    let (near, far) = try Self.pair(bench.loop)
    var heard: [[UInt8]] = []
    far.onPacket = { bytes, _ in heard.append(bytes.copied()) }
    let packets = [[1], pattern(PacketChannel.packetLimit), [2, 3]] as [[UInt8]]
    for packet in packets { near.send(packet) }
    try bench.turn(until: "all three") { heard.count == 3 }
    #expect(heard == packets)
  }

  @Test("an empty packet is not sent: it would look like the end; one too large is not either")
  func noPacket() throws {
    let bench = try LoopBench()
    let (near, far) = try Self.pair(bench.loop)
    var heard = 0
    far.onPacket = { _, _ in heard += 1 }
    far.onEnd = { Issue.record("the end") }
    near.send([])
    near.send(pattern(PacketChannel.packetLimit + 1))
    near.send([1])
    try bench.turn(until: "the one") { heard == 1 }
  }

  @Test("what the kernel does not take waits in order; beyond the limit the oldest goes and is counted")
  func queueLimit() throws {
    let bench = try LoopBench()
    let (near, far) = try Self.pair(bench.loop, queueLimit: 4)
    var heard: [UInt8] = []
    far.onPacket = { bytes, _ in heard.append(bytes[0]) }
    for number in 0..<255 {
      var packet = pattern(8 << 10)
      packet[0] = UInt8(number)
      near.send(packet)
    }
    #expect(near.dropped > 0)
    let kept = 255 - Int(near.dropped)
    try bench.turn(until: "the rest") { heard.count == kept }
    #expect(heard == Array(0..<UInt8(kept - 4)) + Array(251..<255))
  }

  @Test("the end is told once, after the last packet")
  func end() throws {
    let bench = try LoopBench()
    let (near, far) = try PacketChannel.pair()
    let channel = try PacketChannel(bench.loop, adopting: Descriptor(owning: near))
    var told: [String] = []
    channel.onPacket = { _, _ in told.append("packet") }
    channel.onEnd = { told.append("end") }
    #expect(Socket.send([1].span, to: far) == 1)
    close(far)
    try bench.turn(until: "the end") { told.last == "end" }
    try bench.turn(times: 3)
    #expect(told == ["packet", "end"])
    channel.send([1])
  }

  private static func pair(_ loop: EventLoop, queueLimit: Int = 256) throws -> (PacketChannel, PacketChannel)
  {
    let (near, far) = try PacketChannel.pair()
    return (
      try PacketChannel(loop, adopting: Descriptor(owning: near), queueLimit: queueLimit),
      try PacketChannel(loop, adopting: Descriptor(owning: far))
    )
  }
}
