/// What is to happen when, the earliest first; of two at one time, the one that was planned first.
struct Agenda<Element> {
  private var heap: [(time: UInt64, order: UInt64, element: Element)] = []
  private var count: UInt64 = 0

  init(capacity: Int) { heap.reserveCapacity(capacity) }

  mutating func add(_ element: Element, at time: UInt64) {
    heap.append((time, count, element))
    count += 1
    var place = heap.count - 1
    while place > 0, isBefore(place, (place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func next() -> Element? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return first.element }
    heap[0] = last
    var place = 0
    while true {
      let left = 2 * place + 1
      if left >= heap.count { break }
      let child = left + 1 < heap.count && isBefore(left + 1, left) ? left + 1 : left
      if !isBefore(child, place) { break }
      heap.swapAt(child, place)
      place = child
    }
    return first.element
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order)
  }
}
