extension Span<UInt8> {
  /// A copy as an array, for what outlives the buffer it lies in.
  public func copied() -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(count)
    for index in indices { copy.append(self[index]) }
    return copy
  }

  @inlinable public func equals(_ other: Span<UInt8>) -> Bool {
    if count != other.count { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  @inlinable public func equals(_ text: StaticString) -> Bool {
    if count != text.utf8CodeUnitCount { return false }
    // SAFETY: a StaticString's code units live as long as the program; `index` is below their count.
    for index in indices where unsafe self[index] != text.utf8Start[index] { return false }
    return true
  }

  /// Equal but for the case of ASCII letters.
  @inlinable public func equalsIgnoringCase(_ text: StaticString) -> Bool {
    if count != text.utf8CodeUnitCount { return false }
    // SAFETY: as above.
    for index in indices where unsafe self[index].asciiLowercased != text.utf8Start[index].asciiLowercased {
      return false
    }
    return true
  }

  @inlinable public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    var index = start
    while index < count {
      if self[index] == byte { return index }
      index += 1
    }
    return nil
  }
}

extension UInt8 {
  @inlinable public var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
