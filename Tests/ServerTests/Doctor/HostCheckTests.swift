import CommandLine
import FleetState
import Testing

@testable import Server

@Suite struct HostCheckTests {
  private func levels(_ arguments: [String] = [], _ change: (inout HostCheck.Facts) -> Void = { _ in }) throws
    -> [String: Finding.Level]
  {
    var facts = HostCheck.Facts(
      descriptors: 20_000, fileMax: 1_000_000, backlog: 4096, synBacklog: 4096, ports: 20_000...60_000,
      availableBytes: 4 << 30, overcommit: 1)
    change(&facts)
    var layers = Settings.Layers()
    layers.flags = try Invocation(["--workers", "2"] + arguments, of: Options.program).values
    let settings = try ServerSettings(Settings(Options.all, layers))
    let findings = HostCheck(settings, facts: facts).findings
    #expect(findings.allSatisfy { ($0.level == .ok) == $0.advice.isEmpty })
    return Dictionary(uniqueKeysWithValues: findings.map { ($0.subject, $0.level) })
  }

  @Test("a machine that is well has nothing to be told")
  func well() throws {
    let levels = try levels()
    #expect(levels.count == 7 && levels.values.allSatisfy { $0 == .ok })
  }

  @Test("each figure that is too low is named")
  func low() throws {
    #expect(try levels { $0.descriptors = 1024 }["descriptors"] == .warn)
    #expect(try levels { $0.fileMax = 79_999 }["file-max"] == .warn)
    #expect(try levels { $0.backlog = 128 }["somaxconn"] == .warn)
    #expect(try levels { $0.synBacklog = 512 }["syn-backlog"] == .warn)
    #expect(try levels { $0.ports = 50_000...60_000 }["port-range"] == .warn)
    #expect(try levels { $0.availableBytes = 100 << 20 }["memory"] == .warn)
    #expect(try levels { $0.overcommit = 0 }["overcommit"] == .warn)
  }

  @Test("what the settings ask for and the machine cannot give is a failure")
  func impossible() throws {
    #expect(try levels(["--max-connections", "39488"])["descriptors"] == .ok)
    #expect(try levels(["--max-connections", "39489"])["descriptors"] == .fail)
    #expect(try levels(["--max-total-memory", "5GiB"])["memory"] == .fail)
  }

  @Test("what cannot be read is left out, and a Redis elsewhere is not this machine's matter")
  func unknown() throws {
    #expect(try levels { $0.fileMax = nil }["file-max"] == nil)
    #expect(try levels(["--redis", "redis://db"])["overcommit"] == nil)
  }

  @Test("who listens on a port is found in the kernel's table")
  func ports() {
    let table = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0
         1: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0
         2: 0100007F:1F40 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0
         3: broken
      """
    #expect(PortOwner.inodes(in: table, port: 8000) == ["4711"])
    #expect(PortOwner.inodes(in: table, port: 9) == [])
    #expect(PortOwner.inodes(in: "", port: 8000) == [])
  }
}
