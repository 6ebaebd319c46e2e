extension Redis {
  /// Redis' own time of day, in milliseconds since 1970: what hosts have to agree on, whatever their clocks say.
  package func time(then completion: @escaping (Result<Int64, RedisError>) -> Void) {
    send("TIME") { answer in
      completion(
        answer.flatMap { value in
          let parts = value.elements.compactMap { $0.text.flatMap { Int64($0) } }
          guard parts.count == 2, (0..<1 << 40).contains(parts[0]), (0..<1_000_000).contains(parts[1]) else {
            return .failure(.malformed)
          }
          return .success(parts[0] * 1000 + parts[1] / 1000)
        })
    }
  }
}
