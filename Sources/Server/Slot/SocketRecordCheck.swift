import FleetState

extension SocketRecord {
  /// Whether bytes that another process has left are such a record at all: to look at a value that is none of its type's
  /// as if it were is not allowed.
  static func isSound(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count == MemoryLayout<SocketRecord>.stride else { return false }
    return bounds.allSatisfy { bytes[$0.offset] < $0.bound }
  }

  /// Where the bytes lie that cannot have every value, and what all their values are below.
  private static let bounds: [(offset: Int, bound: UInt8)] = fields.compactMap { field, bound in
    MemoryLayout<SocketRecord>.offset(of: field).map { ($0, bound) }
  }

  private static var fields: [(PartialKeyPath<SocketRecord>, UInt8)] {
    [
      (\.phase, 4), (\.hall, UInt8(Hall.allCases.count)), (\.manner, 4),
      (\.dress, UInt8(Dress.allCases.count)), (\.ending, 3),
      (\.course, 3), (\.hasName, 2), (\.resuming, 3), (\.isHinted, 2), (\.hasLost, 2),
      (\.joined, UInt8(Membership.most + 1)), (\.deflateBits, 16), (\.isMidRequest, 2),
    ]
  }
}
