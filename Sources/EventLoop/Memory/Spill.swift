/// What one socket holds between two turns, in an extent that grows with it and goes when it is empty.
///
/// A view: the extent's name and the count live in the socket's own record, so that a successor finds them.
public struct Spill: ~Copyable {
  public private(set) var count: Int
  package private(set) var extent: ExtentID
  private let extents: Extents

  package init(in extents: Extents, extent: ExtentID, count: Int) {
    self.extents = extents
    self.extent = extent
    self.count = count
  }

  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      if count == 0 { return Span() }
      // SAFETY: this view holds the extents, and nobody else writes to its extent; the span lives as long as it does.
      let span = unsafe Span<UInt8>(_unsafeBytes: extents.memory(of: extent, count: count))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Lets `fill` write exactly `extra` bytes behind what is held. False: there is no room, nothing changed.
  public mutating func append(_ extra: Int, _ fill: (inout MutableSpan<UInt8>) -> Void) -> Bool {
    guard makeRoom(for: count + extra) else { return false }
    extents.withBytes(extent, from: count) { room in
      var part = room._mutatingExtracting(first: extra)
      fill(&part)
    }
    count += extra
    return true
  }

  public mutating func truncate(to kept: Int) {
    count = min(count, kept)
    if count > 0 || extent == .none { return }
    extents.giveBack(extent)
    extent = .none
  }

  private mutating func makeRoom(for needed: Int) -> Bool {
    if extent != .none && needed <= extents.capacity(of: extent) { return true }
    guard let larger = extents.borrow(atLeast: needed) else { return false }
    let held = count
    if extent != .none {
      extents.withBytes(extent) { source in
        extents.withBytes(larger) { $0.replace(at: 0, with: source.span.extracting(first: held)) }
      }
      extents.giveBack(extent)
    }
    extent = larger
    return true
  }
}
