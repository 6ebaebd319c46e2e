/// The steps of `websocket_connection_duration_seconds`, from a glimpse to a day.
enum DurationBuckets {
  /// Upper bounds in seconds; one more bucket takes what lies above.
  static let bounds: [Double] = [0.1, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400]

  static func index(ofSeconds seconds: Double) -> Int {
    bounds.firstIndex { seconds <= $0 } ?? bounds.count
  }
}
