import CommandLine
import EventLoop
import FleetState
import Testing

@testable import Server

@Suite struct SettingsPageTests {
  private func page() throws -> String {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return try SmallFile.read("/\(root)/docs/SETTINGS.md")
  }

  @Test("every setting is on the page of settings", arguments: Options.all.map(\.fileName))
  func named(_ name: String) throws {
    #expect(try page().contains("`\(name)`"))
  }

  @Test("so is every state of Redis, and every preset")
  func states() throws {
    let page = try page()
    for health in RedisHealth.allCases where health != .up {
      #expect(page.contains("| `\(health.rawValue)` |"))
    }
    for preset in Preset.allCases { #expect(page.contains("| `\(preset.rawValue)` |")) }
  }
}
