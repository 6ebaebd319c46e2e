/// How much of what this worker published has not come back to it yet: the measure for when to stop listening
/// to those who publish. Figures may be off after a broken connection, never below zero.
struct Flow: Equatable {
  private(set) var entries = 0
  private(set) var bytes = 0

  static let mostEntries = 4096
  static let mostBytes = 8 << 20

  mutating func sent(_ count: Int) {
    entries += 1
    bytes += count
  }

  mutating func seen(_ count: Int) {
    entries = max(0, entries - 1)
    bytes = entries == 0 ? 0 : max(0, bytes - count)
  }

  var isFull: Bool { entries >= Self.mostEntries || bytes >= Self.mostBytes }
  var isLow: Bool { entries <= Self.mostEntries / 2 && bytes <= Self.mostBytes / 2 }
}
