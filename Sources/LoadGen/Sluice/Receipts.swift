import FleetState

/// What became of a socket's own words in `sluice.v1`, as far as it is told: who has a receipt is owed a delivery, who
/// has none is not. Only words that still lack their receipt or their hearer are kept.
struct Receipts: Equatable {
  /// Why a word that nobody heard is not lost without a word.
  enum Excuse: Equatable {
    /// Its connection ended before the receipt came: nobody can know whether it was taken.
    case noReceipt
    /// The server said that it does not take it.
    case refused
    /// The server said that its range of the stream is gone.
    case told
  }

  private enum Fate: Equatable {
    case awaited
    /// It stands in the stream and has not been heard yet.
    case stands(EntryID)
    case excused(Excuse)
  }

  private var fates: [UInt32: Fate] = [:]
  /// Said, and neither taken nor refused yet.
  private(set) var awaited = 0

  /// Of one socket; what is said beyond it is judged as if it had its receipt.
  private static let most = 10_000

  mutating func say(_ number: UInt32) {
    guard fates.count < Self.most else { return }
    fates[number] = .awaited
    awaited += 1
  }

  /// False for a receipt nobody waits for.
  @discardableResult
  mutating func acknowledge(_ number: UInt32, at offset: EntryID?, isMissing: Bool) -> Bool {
    guard fates[number] == .awaited else { return false }
    awaited -= 1
    fates[number] = isMissing ? offset.map { .stands($0) } : nil
    return true
  }

  @discardableResult
  mutating func refuse(_ number: UInt32) -> Bool {
    guard fates[number] == .awaited else { return false }
    awaited -= 1
    fates[number] = .excused(.refused)
    return true
  }

  /// Somebody has heard it; its receipt may be on its way.
  mutating func hear(_ number: UInt32) {
    guard !fates.isEmpty, let fate = fates[number], fate != .awaited else { return }
    fates[number] = nil
  }

  /// The connection is gone, and with it all receipts that had not come.
  mutating func loseConnection(isMissing: (UInt32) -> Bool) {
    for (number, fate) in fates where fate == .awaited {
      fates[number] = isMissing(number) ? .excused(.noReceipt) : nil
    }
    awaited = 0
  }

  /// The hearer was told that these are gone.
  mutating func tellLost(_ range: ClosedRange<EntryID>) {
    for (number, fate) in fates {
      if case .stands(let offset) = fate, range.contains(offset) { fates[number] = .excused(.told) }
    }
  }

  func excuse(of number: UInt32) -> Excuse? {
    if case .excused(let excuse)? = fates[number] { return excuse }
    return nil
  }
}
