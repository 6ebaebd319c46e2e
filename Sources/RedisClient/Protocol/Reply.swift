import Bytes
import CHiredis

/// One reply, or a part of one, as a view into the reader's memory. Gone when the reader goes on.
public struct Reply: ~Escapable {
  package enum Kind { case null, integer, boolean, double, text, status, error, array }

  // `nodes` begins with this part's own node; what follows its last descendant is not ours.
  private let nodes: Span<chiredis_node>
  private let bytes: Span<UInt8>

  @_lifetime(copy nodes, copy bytes)
  init(nodes: Span<chiredis_node>, bytes: Span<UInt8>) {
    self.nodes = nodes
    self.bytes = bytes
  }

  package var kind: Kind {
    switch Int(nodes[0].kind) {
    case Int(CHIREDIS_STRING.rawValue): .text
    case Int(CHIREDIS_STATUS.rawValue): .status
    case Int(CHIREDIS_ERROR.rawValue): .error
    case Int(CHIREDIS_INTEGER.rawValue): .integer
    case Int(CHIREDIS_ARRAY.rawValue): .array
    case Int(CHIREDIS_DOUBLE.rawValue): .double
    case Int(CHIREDIS_BOOL.rawValue): .boolean
    case _: .null
    }
  }

  package var integer: Int64? { kind == .integer ? nodes[0].value : nil }

  /// The bytes of a text, status, error or double; none for anything else.
  package var text: Span<UInt8> {
    @_lifetime(copy self)
    get {
      switch kind {
      case .text, .status, .error, .double:
        let start = Int(nodes[0].value)
        return bytes.extracting(start..<start + Int(nodes[0].count))
      case .null, .integer, .boolean, .array:
        return bytes.extracting(first: 0)
      }
    }
  }

  /// Parts of an array; 0 for anything else.
  package var count: Int { kind == .array ? Int(nodes[0].count) : 0 }

  /// Part `index` of an array, found from the front: meant for short ones.
  package subscript(_ index: Int) -> Reply {
    @_lifetime(copy self)
    get {
      precondition(index >= 0 && index < count, "a reply has no such part")
      var place = 1
      for _ in 0..<index { place += Int(nodes[place].nodes) }
      return Reply(nodes: nodes.extracting(place...), bytes: bytes)
    }
  }

  package func forEach(_ body: (Reply) -> Void) {
    var place = 1
    for _ in 0..<count {
      body(Reply(nodes: nodes.extracting(place...), bytes: bytes))
      place += Int(nodes[place].nodes)
    }
  }

  /// A copy to keep.
  package var value: RedisValue {
    switch kind {
    case .null: return .null
    case .integer: return .integer(nodes[0].value)
    case .boolean: return .boolean(nodes[0].value != 0)
    case .double: return .double(Double(String(decoding: text.copied(), as: UTF8.self)) ?? .nan)
    case .text: return .bytes(text.copied())
    case .status: return .status(printable(text))
    case .error: return .error(RedisRefusal(text))
    case .array:
      var elements: [RedisValue] = []
      elements.reserveCapacity(count)
      forEach { elements.append($0.value) }
      return .array(elements)
    }
  }
}
