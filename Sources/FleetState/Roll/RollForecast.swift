/// What a roll will touch and how long it may take: said before it begins.
package struct RollForecast: Equatable, Sendable {
  package let workers: Int
  package let sockets: Int
  /// The longest the last roll held a socket still; nil if there has been none.
  package let freezeMicros: Int?
  /// As long for each worker as the last roll took.
  package let expected: Duration?

  package init(workers: Int, sockets: Int, last: RollProgress?) {
    self.workers = max(0, workers)
    self.sockets = max(0, sockets)
    guard let last, last.latest != nil, last.done > 0 else {
      freezeMicros = nil
      expected = nil
      return
    }
    freezeMicros = last.longestFreezeMicros
    expected = last.spent / last.done * min(self.workers, 1024)
  }

  /// `5000 sockets on 4 workers are handed over, nobody is dropped; about 2.1 s, each held at most 8.3 ms`
  package var sentence: String {
    let verb = sockets == 1 ? "is" : "are"
    let promise =
      "\(counted(sockets, "socket")) on \(counted(workers, "worker")) \(verb) handed over, nobody is dropped"
    guard let freezeMicros, let expected else { return promise }
    return
      "\(promise); about \(expected.words), each held at most \(Duration.microseconds(freezeMicros).words)"
  }
}
