import Bytes
import Measurement

/// What a message looks like: literal text, and places for what differs from one to the next.
struct MessageForm: Equatable {
  private enum Piece: Equatable {
    case literal([UInt8])
    /// The letters by which an answer is recognised, as long as the plan wants the message's own part.
    case stamp
    case socket
    case number
  }

  let hasStamp: Bool
  private let pieces: [Piece]

  static let standard = "{stamp}"
  private static let places: [(name: String, piece: Piece)] = [
    ("{stamp}", .stamp), ("{socket}", .socket), ("{number}", .number),
  ]

  /// Braces around anything else stay as they are: JSON is full of them.
  init(_ text: String) {
    var pieces: [Piece] = []
    var literal: [UInt8] = []
    var rest = text.utf8[...]
    while let first = rest.first {
      if let place = Self.places.first(where: { rest.starts(with: $0.name.utf8) }) {
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        literal = []
        pieces.append(place.piece)
        rest = rest.dropFirst(place.name.utf8.count)
      } else {
        literal.append(first)
        rest = rest.dropFirst()
      }
    }
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    self.pieces = pieces
    hasStamp = pieces.contains(.stamp)
  }

  func write(_ stamp: Stamp, size: Int, into out: inout ByteBuffer) {
    for piece in pieces {
      switch piece {
      case .literal(let bytes): out.append(bytes.span)
      case .stamp: stamp.write(size: size, into: &out)
      case .socket: out.append(decimal: Int(stamp.socket))
      case .number: out.append(decimal: Int(stamp.sequence))
      }
    }
  }

  /// The same for texts of a socket: an address, a greeting.
  static func fill(_ text: String, socket: Int) -> String { text.replacing("{socket}", with: String(socket)) }
}
