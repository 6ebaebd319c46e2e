import Testing

/// What the tests of a rebalance ask a server.
extension Server {
  /// The local ports of the clients that the worker of each slot lists.
  func portsBySlot(slots: Int = 2) throws -> [Set<UInt16>] {
    let line = try askRedis()
    let host = try line.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
    return try (0..<slots).map { slot in
      let texts = try line.ask("HVALS", RedisWire.key("sockets:\(host):\(slot)")).list.compactMap(\.text)
      return Set(
        texts.compactMap { text in
          let words = text.split(separator: " ")
          return words.count == 4 ? words[2].split(separator: ":").last.flatMap { UInt16($0) } : nil
        })
    }
  }

  /// How many sockets each worker lists, once that is `count` together.
  func spread(of count: Int, slots: Int = 2) throws -> [Int] {
    var spread: [Int] = []
    try Deadline.until(5, "\(count) sockets in the lists") {
      spread = try portsBySlot(slots: slots).map(\.count)
      return spread.reduce(0, +) == count
    }
    return spread
  }

  /// Opens clients and keeps those that one slot has got: `count` of them.
  func weigh(down slot: Int, with count: Int, _ path: String = "/ws?mode=chat&notify=0") throws -> [WebClient]
  {
    var kept: [WebClient] = []
    while kept.count < count {
      let clients = try (0..<count).map { _ in try client(path) }
      var here: Set<UInt16> = []
      try Deadline.until(5, "the lists") {
        let ports = try portsBySlot()
        here = ports[slot]
        return clients.allSatisfy { client in ports.contains { $0.contains(client.localPort) } }
      }
      kept += clients.filter { here.contains($0.localPort) }
    }
    return Array(kept.prefix(count))
  }

  /// `wsconsole rebalance --wait` has said that all went well.
  func rebalanced() throws -> String {
    let (code, output) = try order("rebalance", "--wait")
    if code != 0 { throw Trouble("rebalance ended with \(code): \(output)\n\(program.output.suffix(4000))") }
    return output
  }
}
