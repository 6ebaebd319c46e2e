/// Times as people read them: UTC, as every log of ours.
enum Clock {
  static func time(_ milliseconds: UInt64) -> String {
    let seconds = milliseconds / 1000 % 86_400
    return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  private static func two(_ value: UInt64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
