/// Growable bytes with one owner, reused turn after turn: `clear()` keeps the memory.
///
/// This is the one buffer of the house. Whatever is read, rendered or sent passes through one, so the raw
/// memory behind it is touched in this file and nowhere else.
@safe
public struct ByteBuffer: ~Copyable {
  // SAFETY: `memory` is used by this value alone (~Copyable) and holds `capacity` bytes, of which
  // `start ..< end` are initialized. 0 <= start <= end <= capacity. Lent memory is never freed here.
  @usableFromInline internal var memory: UnsafeMutableRawBufferPointer
  @usableFromInline internal var start = 0
  @usableFromInline internal var end = 0
  @usableFromInline internal var isLent = false

  public init(capacity: Int = 0) {
    unsafe memory =
      capacity == 0 ? .init(start: nil, count: 0) : .allocate(byteCount: capacity, alignment: 16)
  }

  /// Fills memory that belongs to somebody else, for as long as it is big enough; then it has memory of its own.
  @unsafe public init(filling lent: UnsafeMutableRawBufferPointer) {
    unsafe memory = lent
    isLent = true
  }

  deinit { unsafe release() }

  /// Still in the memory it was made to fill.
  public var isInPlace: Bool { isLent }

  @unsafe private func release() { if !isLent { unsafe memory.deallocate() } }

  @inlinable public var count: Int { end - start }
  @inlinable public var isEmpty: Bool { start == end }
  @inlinable public var capacity: Int { unsafe memory.count }

  /// The bytes held, front first.
  @inlinable public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let held = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<end])
      let span = unsafe Span<UInt8>(_unsafeBytes: held)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  @inlinable public mutating func append(_ byte: UInt8) {
    reserve(1)
    unsafe memory[end] = byte
    end += 1
  }

  @inlinable public mutating func append(_ span: Span<UInt8>) {
    let count = span.count
    if count == 0 { return }
    reserve(count)
    unsafe span.withUnsafeBytes { source in
      unsafe memory.baseAddress.unsafelyUnwrapped.advanced(by: end)
        .copyMemory(from: source.baseAddress.unsafelyUnwrapped, byteCount: count)
    }
    end += count
  }

  public mutating func append(_ text: String) {
    var text = text
    text.makeContiguousUTF8()
    append(text.utf8.span)
  }

  @inlinable public mutating func append(_ text: StaticString) {
    let count = text.utf8CodeUnitCount
    // A buffer that has never held anything has no memory.
    if count == 0 { return }
    reserve(count)
    unsafe memory.baseAddress.unsafelyUnwrapped.advanced(by: end)
      .copyMemory(from: text.utf8Start, byteCount: count)
    end += count
  }

  /// The number in decimal, without a String on the way.
  @inlinable public mutating func append(decimal value: some BinaryInteger) {
    if value < 0 { append(UInt8(ascii: "-")) }
    append(digitsOf: UInt64(value.magnitude))
  }

  // Not generic: an unspecialised generic costs 25 times more in another module.
  @usableFromInline internal mutating func append(digitsOf number: UInt64) {
    var count = 1
    var rest = number / 10
    while rest > 0 {
      count += 1
      rest /= 10
    }
    reserve(count)
    rest = number
    // SAFETY: `reserve` has made room for `count` bytes behind `end`.
    for place in stride(from: end + count - 1, through: end, by: -1) {
      unsafe memory[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    end += count
  }

  /// Lets `fill` write up to `capacity` bytes behind what is held; it returns how many it wrote.
  @inlinable public mutating func append<E: Error>(
    upTo capacity: Int, _ fill: (inout MutableSpan<UInt8>) throws(E) -> Int
  ) throws(E) {
    if capacity == 0 { return }
    reserve(capacity)
    let spare = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[end..<end + capacity])
    var span = unsafe MutableSpan<UInt8>(_unsafeBytes: spare)
    let written = try fill(&span)
    precondition(written >= 0 && written <= capacity, "more bytes written than there was room for")
    end += written
  }

  /// Drops `count` bytes from the front.
  @inlinable public mutating func removeFirst(_ count: Int) {
    precondition(count >= 0 && count <= self.count, "more bytes dropped than held")
    start += count
    if start == end { clear() }
  }

  /// Drops everything behind the first `count` bytes.
  @inlinable public mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "truncated to more bytes than held")
    end = start + count
  }

  @inlinable public mutating func clear() {
    start = 0
    end = 0
  }

  /// Makes room for `extra` more bytes, moving or growing once.
  @inlinable public mutating func reserve(_ extra: Int) {
    if unsafe memory.count - end >= extra { return }
    grow(extra)
  }

  /// Gives the memory back when a burst left more than `limit` behind.
  public mutating func trim(above limit: Int) {
    guard isEmpty, capacity > limit, !isLent else { return }
    unsafe release()
    unsafe memory = .init(start: nil, count: 0)
    clear()
  }

  @usableFromInline internal mutating func grow(_ extra: Int) {
    let held = count
    if start > 0, unsafe memory.count - held >= extra, start >= held {
      unsafe memory.baseAddress.unsafelyUnwrapped
        .copyMemory(from: memory.baseAddress.unsafelyUnwrapped.advanced(by: start), byteCount: held)
    } else {
      let wanted = max(held + extra, unsafe memory.count * 2, 64)
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 16)
      if held > 0 {
        unsafe larger.baseAddress.unsafelyUnwrapped
          .copyMemory(from: memory.baseAddress.unsafelyUnwrapped.advanced(by: start), byteCount: held)
      }
      unsafe release()
      unsafe memory = larger
      isLent = false
    }
    start = 0
    end = held
  }
}
