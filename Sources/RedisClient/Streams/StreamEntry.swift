import Bytes
public import FleetState

/// One entry of a stream as a view: gone when its handler returns.
public struct StreamEntry: ~Escapable {
  public let id: EntryID
  private let fields: Reply

  @_lifetime(copy fields)
  init(id: EntryID, fields: Reply) {
    self.id = id
    self.fields = fields
  }

  /// The value of a field, or `nil` if the entry has none of that name.
  @_lifetime(copy self)
  public func value(of name: StaticString) -> Span<UInt8>? {
    var index = 0
    while index + 1 < fields.count {
      if fields[index].text.equals(name) { return fields[index + 1].text }
      index += 2
    }
    return nil
  }

  /// A copy to keep, for entries of the control plane.
  package var pairs: [(String, String)] { fields.value.pairs }
}
