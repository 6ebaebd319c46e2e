import EventLoop

/// What has become of the batch of sockets that one slot gives another: one word of the board for each slot that gives,
/// changed by compare-and-swap. That it is taken is what makes the sockets another's; before, they are the giver's.
///
///     offered → taken → settled      the taker, or its heir, has put its books right
///             → withdrawn            by whoever of the two was first to do so
struct Deed: Equatable {
  enum State: UInt64 {
    case none, offered, taken, settled, withdrawn
  }

  /// Counts the batches of the slot that gives; 0 for none yet.
  var number: UInt32 = 0
  /// The slot that is to have them.
  var taker = 0
  var state = State.none

  init(number: UInt32, taker: Int, state: State) {
    self.number = number
    self.taker = taker
    self.state = state
  }

  /// What nobody of ours has written counts as withdrawn.
  init(bits: UInt64) {
    number = UInt32(truncatingIfNeeded: bits >> 32)
    taker = Int(bits >> 8 & 0xFFFF)
    state = State(rawValue: bits & 0xFF) ?? .withdrawn
  }

  var bits: UInt64 { UInt64(number) << 32 | UInt64(taker & 0xFFFF) << 8 | state.rawValue }

  /// Whether the batch of this number is the taker's. One of an earlier number that is not settled was withdrawn, for
  /// the giver waits with the next one until those that were taken are settled.
  func hasGiven(_ batch: UInt32) -> Bool {
    number == batch && (state == .taken || state == .settled)
  }
}

/// The word itself.
struct DeedWord {
  private let word: PageWord

  init(_ word: PageWord) { self.word = word }

  var deed: Deed { Deed(bits: word.value) }

  /// The number a next batch would have; nil as long as the taker of the last one has not settled it.
  var nextNumber: UInt32? {
    switch deed.state {
    case .none, .settled, .withdrawn: deed.number &+ 1
    case .offered, .taken: nil
    }
  }

  /// The giver's, whose sockets all say so already. From here on it does not touch them.
  func offer(_ batch: UInt32, to taker: Int) {
    word.value = Deed(number: batch, taker: taker, state: .offered).bits
  }

  /// False: it is not offered (any more).
  func take(_ batch: UInt32, by taker: Int) -> Bool { pass(batch, by: taker, from: .offered, to: .taken) }

  func settle(_ batch: UInt32, by taker: Int) {
    _ = pass(batch, by: taker, from: .taken, to: .settled)
  }

  /// Nothing comes of it, unless it was taken before.
  func withdraw(_ batch: UInt32) { _ = pass(batch, by: deed.taker, from: .offered, to: .withdrawn) }

  private func pass(_ batch: UInt32, by taker: Int, from: Deed.State, to: Deed.State) -> Bool {
    word.exchange(
      Deed(number: batch, taker: taker, state: from).bits,
      for: Deed(number: batch, taker: taker, state: to).bits)
  }
}
