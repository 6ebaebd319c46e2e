/// A place on the screen; the top left corner is 0, 0.
package struct Point: Equatable, Sendable {
  package var x: Int
  package var y: Int

  package init(_ x: Int, _ y: Int) {
    self.x = x
    self.y = y
  }
}

package struct Size: Equatable, Sendable {
  package var width: Int
  package var height: Int

  package init(_ width: Int, _ height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }
}

/// A part of the screen. It may be empty, never negative.
package struct Rect: Equatable, Sendable {
  package let x: Int
  package let y: Int
  package let width: Int
  package let height: Int

  package init(_ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package var isEmpty: Bool { width == 0 || height == 0 }

  /// What is left without a frame of `margin` cells.
  package func inset(_ margin: Int = 1) -> Rect {
    Rect(x + margin, y + margin, width - 2 * margin, height - 2 * margin)
  }

  package func row(_ index: Int) -> Rect {
    index >= 0 && index < height ? Rect(x, y + index, width, 1) : Rect(x, y, 0, 0)
  }

  /// A rectangle of that size in the middle, cut to this one.
  package func centered(_ wanted: Size) -> Rect {
    let width = min(wanted.width, self.width)
    let height = min(wanted.height, self.height)
    return Rect(x + (self.width - width) / 2, y + (self.height - height) / 2, width, height)
  }

  // MARK: Splitting

  /// How long one part of a split is.
  package enum Length: Equatable, Sendable {
    case fixed(Int)
    /// A share of what the fixed ones leave.
    case share(Int)
  }

  package func rows(_ lengths: Length...) -> [Rect] {
    var top = y
    return Self.split(height, lengths).map { length in
      defer { top += length }
      return Rect(x, top, width, length)
    }
  }

  package func columns(_ lengths: Length...) -> [Rect] {
    var left = x
    return Self.split(width, lengths).map { length in
      defer { left += length }
      return Rect(left, y, length, height)
    }
  }

  /// Fixed parts first, in order, while there is room; the last share takes what rounding leaves.
  private static func split(_ total: Int, _ lengths: [Length]) -> [Int] {
    var left = total
    var parts = lengths.map { length -> Int in
      guard case .fixed(let wanted) = length else { return 0 }
      let given = min(max(0, wanted), left)
      left -= given
      return given
    }
    var shares = lengths.reduce(0) { sum, length in
      if case .share(let weight) = length { sum + max(0, weight) } else { sum }
    }
    for (index, length) in lengths.enumerated() {
      guard case .share(let weight) = length, shares > 0 else { continue }
      parts[index] = left * max(0, weight) / shares
      left -= parts[index]
      shares -= max(0, weight)
    }
    return parts
  }
}
