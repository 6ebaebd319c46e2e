/// What the sockets of a run do.
enum Mode: String, CaseIterable {
  /// Each sends by the plan and hears its own messages back.
  case echo
  /// Each sends by the plan, and its neighbour hears it.
  case chat
  /// All hear what a publisher says to everybody.
  case fanout
  /// All are held and say nothing.
  case idle
  /// Each publishes by the plan in `sluice.v1`, its neighbour hears it, and both resume after they were away.
  case sluice
  /// As echo, with messages and answers of another form.
  case custom
}

/// How a publisher reaches everybody (`--publish`).
enum Publishing: String, CaseIterable {
  case http, socket, redis
}

/// How an answer is recognised (`--echo-match`).
enum AnswerMatch: Equatable {
  /// It contains the stamp of the message.
  case stamp
  /// The n-th that contains this text, which may be empty, answers the n-th message.
  case order(containing: String)

  static let words = "stamp, order, or order:TEXT"

  init?(_ text: String) {
    if text == "stamp" {
      self = .stamp
    } else if text == "order" {
      self = .order(containing: "")
    } else if text.hasPrefix("order:"), text.utf8.count > 6 {
      self = .order(containing: String(text.dropFirst(6)))
    } else {
      return nil
    }
  }
}
