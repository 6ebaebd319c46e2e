/// One second of one host, as an entry of `samples`: what the console's charts are drawn from.
package struct Sample: Equatable, Sendable {
  package var host: Name
  package var sockets = 0
  package var acceptedPerSecond = 0
  package var messagesInPerSecond = 0
  package var messagesOutPerSecond = 0
  package var deliveriesPerSecond = 0
  package var bytesInPerSecond = 0
  package var bytesOutPerSecond = 0
  package var lagP99Micros = 0
  package var lagMaxMicros = 0
  package var memoryBytes = 0
  package var workersUp = 0
  package var redisMicros = 0
  package var errorsPerSecond = 0

  package init(host: Name) { self.host = host }

  private static let columns: [(String, any WritableKeyPath<Sample, Int> & Sendable)] = [
    ("n", \.sockets), ("acc", \.acceptedPerSecond), ("in", \.messagesInPerSecond),
    ("out", \.messagesOutPerSecond), ("del", \.deliveriesPerSecond), ("bin", \.bytesInPerSecond),
    ("bout", \.bytesOutPerSecond), ("l99", \.lagP99Micros), ("lmax", \.lagMaxMicros),
    ("mem", \.memoryBytes), ("up", \.workersUp), ("rtt", \.redisMicros), ("err", \.errorsPerSecond),
  ]

  /// Short names, and zeros left out: a day holds 86,400 of these for each host.
  package var fields: Fields {
    var fields = Fields()
    fields.set("host", host.text)
    for (name, column) in Self.columns where self[keyPath: column] != 0 {
      fields.set(name, self[keyPath: column])
    }
    return fields
  }

  package init?(_ fields: Fields) {
    guard let host = fields.name("host") else { return nil }
    self.init(host: host)
    for (name, column) in Self.columns { self[keyPath: column] = fields.count(name) }
  }
}
