/// First in, first out, in one array used as a ring: what was asked, in the order the answers will come.
struct WaitingLine<Element> {
  private var ring: [Element?] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  var first: Element? { count == 0 ? nil : ring[head] }

  mutating func append(_ element: Element) {
    if count == ring.count { grow() }
    ring[(head + count) & (ring.count - 1)] = element
    count += 1
  }

  mutating func popFirst() -> Element? {
    if count == 0 { return nil }
    let element = ring[head].take()
    head = (head + 1) & (ring.count - 1)
    count -= 1
    return element
  }

  /// Everybody, in order; the line is empty afterwards and its memory given back.
  mutating func popAll() -> [Element] {
    var all: [Element] = []
    all.reserveCapacity(count)
    while let element = popFirst() { all.append(element) }
    ring = []
    head = 0
    return all
  }

  // A power of two, so that the ring turns with a mask.
  private mutating func grow() {
    var larger: [Element?] = []
    larger.reserveCapacity(max(16, ring.count * 2))
    for index in 0..<count { larger.append(ring[(head + index) & (ring.count - 1)]) }
    while larger.count < max(16, ring.count * 2) { larger.append(nil) }
    ring = larger
    head = 0
  }
}
