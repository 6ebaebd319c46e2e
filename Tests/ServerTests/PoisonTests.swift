import EventLoop
import Glibc
import Testing

@testable import Server

@Suite struct PoisonTests {
  @Test("what a worker failed on is kept byte for byte, the last sixteen of it, and nothing else is touched")
  func kept() throws {
    let folder = "/tmp/sluice-test-\(getpid())-\(Machine.random())"
    try SmallFile.makeDirectory(folder)
    defer {
      for name in (try? SmallFile.names(in: folder)) ?? [] { SmallFile.remove("\(folder)/\(name)") }
      _ = unsafe rmdir(folder)
    }
    try SmallFile.replace("\(folder)/lock", with: "")
    for age in 10..<30 { try SmallFile.replace("\(folder)/poison-10000000000\(age)-0.bin", with: "old") }
    let bytes: [UInt8] = [0x81, 0x00, 0xFF]
    Poison(bytes: bytes, peer: "nobody", fields: [:]).keep(in: folder, slot: 3, log: Log(level: .error, service: "test"))
    let names = try SmallFile.names(in: folder).sorted()
    #expect(names.count == 17 && names.first == "lock")
    #expect(names[1] == "poison-1000000000015-0.bin")
    #expect(names[16].hasSuffix("-3.bin"))
    #expect(try SmallFile.readBytes("\(folder)/\(names[16])") == bytes)
  }
}
