import Bytes
import FleetState

/// The last number heard of each publisher: whoever sends again after a crash sends what we have had.
struct Seen {
  struct Mark: BitwiseCopyable {
    var publisher: UInt64 = 0
    var number: UInt64 = 0
  }

  /// As many slots of as many lives as can be remembered; beyond, the oldest mark gives way.
  static let most = 512

  private(set) var marks: [Mark] = []
  private var places: [UInt64: Int] = [:]
  private var oldest = 0

  init() {}

  init(_ marks: some Sequence<Mark>) {
    for mark in marks { note(mark.publisher, mark.number) }
  }

  /// False: it was heard before.
  mutating func isNew(_ origin: BusEntry.Origin) -> Bool {
    if origin.number == 0 { return true }
    let publisher = Self.hash(origin)
    if let place = places[publisher], origin.number <= marks[place].number { return false }
    note(publisher, origin.number)
    return true
  }

  private mutating func note(_ publisher: UInt64, _ number: UInt64) {
    if let place = places[publisher] {
      marks[place].number = number
    } else if marks.count < Self.most {
      places[publisher] = marks.count
      marks.append(Mark(publisher: publisher, number: number))
    } else {
      places[marks[oldest].publisher] = nil
      marks[oldest] = Mark(publisher: publisher, number: number)
      places[publisher] = oldest
      oldest = (oldest + 1) % Self.most
    }
  }

  /// FNV-1a, the same in every process.
  private static func hash(_ origin: BusEntry.Origin) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in origin.host.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for word in [UInt64(truncatingIfNeeded: origin.slot), origin.life] {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        hash = (hash ^ (word >> shift & 0xFF)) &* 0x100_0000_01B3
      }
    }
    return hash
  }
}
