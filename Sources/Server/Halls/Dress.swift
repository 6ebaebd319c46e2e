import FleetState

/// How a socket wants to be told what others say.
enum Dress: UInt8, CaseIterable, BitwiseCopyable {
  /// The bare text of `ws` and `clients`.
  case plain
  /// The envelope of `chat` and `tasks`.
  case wrapped
  /// A message of `sluice.v1`, with its offset.
  case sluice

  init(_ hall: Hall, isSluice: Bool) {
    switch hall {
    case _ where isSluice: self = .sluice
    case .ws, .clients: self = .plain
    case .chat, .tasks: self = .wrapped
    }
  }
}

/// One rendering of a batch: a dress, compressed or not.
struct Run: Equatable {
  let rawValue: Int

  static let count = 2 * Dress.allCases.count

  init(_ dress: Dress, deflated: Bool) { rawValue = 2 * Int(dress.rawValue) + (deflated ? 1 : 0) }

  init(rawValue: Int) { self.rawValue = rawValue }

  var isDeflated: Bool { rawValue & 1 == 1 }
  /// The same, not compressed.
  var plain: Run { Run(rawValue: rawValue & ~1) }
}

/// Some of the renderings: those somebody reads.
struct Runs: OptionSet {
  let rawValue: UInt8

  init(rawValue: UInt8) { self.rawValue = rawValue }
  init(_ run: Run) { rawValue = 1 << UInt8(run.rawValue) }

  func contains(_ run: Run) -> Bool { rawValue & 1 << UInt8(run.rawValue) != 0 }

  static let all = Runs(rawValue: 1 << UInt8(Run.count) - 1)
}
