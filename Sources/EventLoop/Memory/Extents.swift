/// Names a run of bytes lent from `Extents`; plain data, so that it can stand in a shared record.
package struct ExtentID: Hashable, BitwiseCopyable {
  package static let none = ExtentID(raw: 0)
  let raw: UInt32

  var size: Int { Int(raw >> 28) }
  var index: Int { Int(raw & 0x0FFF_FFFF) - 1 }

  init(raw: UInt32) { self.raw = raw }
  init(size: Int, index: Int) { raw = UInt32(size) << 28 | UInt32(index + 1) }
}

/// Room for what does not fit between two turns: partial input and unsent output, in eight sizes from 4 KiB
/// to 32 MiB. A socket at rest holds none. The total is bounded; at the bound `borrow` says no.
@safe
package final class Extents {
  static let sizes = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 32 << 20]
  /// The one reads go into: big enough for a burst, hot because the last returned is the next lent.
  static let readSize = 3

  package private(set) var lentBytes = 0
  private let limit: Int
  private let pages: SharedPages
  private let starts: [Int]
  private let counts: [Int]
  /// How many of each size have ever been lent; in the pages, so that a successor knows where to look.
  private let untouched: PageArray<UInt32>
  /// Those given back: with their memory still behind them, and those that gave it back to the system.
  private var warm = [[UInt32]](repeating: [], count: sizes.count)
  private var cold = [[UInt32]](repeating: [], count: sizes.count)
  /// Given back in the middle of a change that may yet be undone: what they hold is still needed then.
  private var givenBackInChange: [ExtentID] = []
  private var isChanging = false
  /// What may stay warm, of each size.
  private static let warmBytes = 1 << 20

  /// How many bytes of address space `limit` bytes of extents take.
  package static func addressSpace(limit: Int) -> Int { sizes.reduce(0) { $0 + span(of: $1, limit) } }

  private static func span(of size: Int, _ limit: Int) -> Int { (limit / size + 1) * size }

  static let marksBytes = sizes.count * MemoryLayout<UInt32>.stride

  /// `marksAt`: room in the pages for `marksBytes`.
  package init(in pages: SharedPages, at offset: Int, marksAt: Int, limit: Int) {
    self.pages = pages
    untouched = pages.array(of: UInt32.self, at: marksAt, count: Self.sizes.count)
    self.limit = limit
    var start = offset
    var starts: [Int] = []
    for size in Self.sizes {
      starts.append(start)
      start += Self.span(of: size, limit)
    }
    self.starts = starts
    counts = Self.sizes.map { min(limit / $0 + 1, 0x0FFF_FFFE) }
  }

  func borrow(atLeast bytes: Int) -> ExtentID? {
    guard let size = Self.sizes.firstIndex(where: { $0 >= bytes }) else { return nil }
    return borrow(size: size)
  }

  func borrow(size: Int) -> ExtentID? { borrow(size: size, upTo: limit - Self.sizes[Self.readSize]) }

  /// Room for one read. The last of it is kept for this alone, so that those who fill the memory with what they
  /// do not read cannot deafen the others.
  func borrowForReading() -> ExtentID? { borrow(size: Self.readSize, upTo: limit) }

  private func borrow(size: Int, upTo bound: Int) -> ExtentID? {
    if lentBytes + Self.sizes[size] > bound { return nil }
    if let index = warm[size].popLast() ?? cold[size].popLast() {
      lentBytes += Self.sizes[size]
      return ExtentID(size: size, index: Int(index))
    }
    let next = Int(untouched[size])
    if next >= counts[size] { return nil }
    untouched[size] = UInt32(next + 1)
    lentBytes += Self.sizes[size]
    return ExtentID(size: size, index: next)
  }

  func giveBack(_ id: ExtentID) {
    if isChanging { givenBackInChange.append(id) } else { takeIn(id) }
  }

  /// From here to `endChange` nothing that is given back is lent again.
  @inline(__always)
  func beginChange() { isChanging = true }

  @inline(__always)
  func endChange() {
    isChanging = false
    if givenBackInChange.isEmpty { return }
    for id in givenBackInChange { takeIn(id) }
    givenBackInChange.removeAll(keepingCapacity: true)
  }

  /// Whether an extent of this name can have been lent from these pages.
  func knows(_ id: ExtentID) -> Bool {
    id.size < Self.sizes.count && id.index >= 0 && id.index < Int(untouched[id.size])
  }

  /// Begins anew with those that are still in use, each named once; the memory behind all others is given back.
  func restore(_ used: some Sequence<ExtentID>) {
    lentBytes = 0
    givenBackInChange = []
    isChanging = false
    var taken = Self.sizes.indices.map { [Bool](repeating: false, count: Int(untouched[$0])) }
    for id in used {
      taken[id.size][id.index] = true
      lentBytes += Self.sizes[id.size]
    }
    for size in Self.sizes.indices {
      warm[size] = []
      cold[size] = taken[size].indices.filter { !taken[size][$0] }.reversed().map { UInt32($0) }
      discardRuns(of: size, where: taken[size])
    }
  }

  private func discardRuns(of size: Int, where taken: [Bool]) {
    var start = 0
    while let first = taken[start...].firstIndex(of: false) {
      let end = taken[first...].firstIndex(of: true) ?? taken.count
      pages.discard(
        at: offset(of: ExtentID(size: size, index: first)), count: (end - first) * Self.sizes[size])
      start = end
    }
  }

  private func takeIn(_ id: ExtentID) {
    let size = id.size
    lentBytes -= Self.sizes[size]
    // A few stay warm, the last returned first to go out again; a burst's surplus goes back to the system.
    if (warm[size].count + 1) * Self.sizes[size] <= Self.warmBytes {
      warm[size].append(UInt32(id.index))
    } else {
      pages.discard(at: offset(of: id), count: Self.sizes[size])
      cold[size].append(UInt32(id.index))
    }
  }

  /// Whether `bytes` would get no smaller extent than this one, which is then theirs to keep.
  func fits(_ bytes: Int, tightly id: ExtentID) -> Bool {
    let isRoomToKeep = id.size != Self.readSize || lentBytes <= limit - Self.sizes[Self.readSize]
    return isRoomToKeep && Self.sizes.firstIndex { $0 >= bytes } == id.size
  }

  func capacity(of id: ExtentID) -> Int { Self.sizes[id.size] }

  /// Lets `body` change the bytes of an extent, from byte `start` on.
  @inline(__always)
  func withBytes<Result>(
    _ id: ExtentID, from start: Int = 0, _ body: (inout MutableSpan<UInt8>) -> Result
  ) -> Result {
    // SAFETY: extents do not overlap, lie inside the pages (checked there), and `pages` is held by self.
    var span = unsafe MutableSpan<UInt8>(
      _unsafeBytes: pages.bytes(at: offset(of: id) + start, count: Self.sizes[id.size] - start))
    return body(&span)
  }

  /// The front of an extent. SAFETY: inside the pages; whoever asks keeps these extents alive, and the extent its
  /// own, for as long as it uses them.
  func memory(of id: ExtentID, count: Int) -> UnsafeRawBufferPointer {
    let room = min(count, capacity(of: id))
    return unsafe UnsafeRawBufferPointer(pages.bytes(at: offset(of: id), count: room))
  }

  private func offset(of id: ExtentID) -> Int { starts[id.size] + id.index * Self.sizes[id.size] }
}

extension MutableSpan<UInt8> {
  /// Copies `source` in from `offset` on.
  mutating func replace(at offset: Int, with source: Span<UInt8>) {
    precondition(offset >= 0 && source.count <= count - offset, "copied beyond the end")
    // SAFETY: both ends are checked, and an exclusive span cannot overlap a shared one.
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { bytes in
        if let from = bytes.baseAddress, let to = target.baseAddress {
          unsafe to.advanced(by: offset).copyMemory(from: from, byteCount: bytes.count)
        }
      }
    }
  }
}
