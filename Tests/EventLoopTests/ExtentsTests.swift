import Bytes
import Glibc
import Testing

@testable import EventLoop

@Suite struct ExtentsTests {
  private func extents(limit: Int) throws -> Extents {
    let pages = try SharedPages(name: "test", byteCount: 4096 + Extents.addressSpace(limit: limit))
    return Extents(in: pages, at: 4096, marksAt: 0, limit: limit)
  }

  @Test("lent extents never overlap and never exceed the limit", arguments: 1...10 as ClosedRange<UInt64>)
  func property(_ seed: UInt64) throws {
    var random = Random(state: seed)
    let limit = 8 << 20
    let extents = try extents(limit: limit)
    var lent: [(id: ExtentID, mark: UInt8)] = []
    var sum = 0
    for step in 0..<400 {
      if Bool.random(using: &random) || lent.isEmpty {
        let wanted = 1 << Int.random(in: 0...22, using: &random)
        guard let id = extents.borrow(atLeast: wanted) else {
          #expect(sum + wanted > limit - (4 << 20), "seed \(seed): refused with room to spare")
          continue
        }
        #expect(extents.capacity(of: id) >= wanted)
        sum += extents.capacity(of: id)
        let mark = UInt8(truncatingIfNeeded: step)
        // Both ends carry the mark: whoever overlapped would wipe it.
        extents.withBytes(id) { bytes in
          bytes[0] = mark
          bytes[bytes.count - 1] = mark
        }
        lent.append((id: id, mark: mark))
      } else {
        let (id, mark) = lent.remove(at: Int.random(in: lent.indices, using: &random))
        let marks = extents.withBytes(id) { [$0[0], $0[$0.count - 1]] }
        #expect(marks == [mark, mark], "seed \(seed): another wrote into it")
        sum -= extents.capacity(of: id)
        extents.giveBack(id)
      }
      #expect(extents.lentBytes == sum && sum <= limit)
    }
    for (id, _) in lent { extents.giveBack(id) }
    #expect(extents.lentBytes == 0)
  }

  @Test("the last read extent is lent for reading alone")
  func reserve() throws {
    let extents = try extents(limit: 1 << 20)
    var count = 0
    while extents.borrow(size: 0) != nil { count += 1 }
    #expect(count == ((1 << 20) - (256 << 10)) / 4096)
    let read = extents.borrowForReading()
    #expect(read != nil)
    #expect(extents.borrowForReading() == nil)
  }

  @Test("more than the largest extent is refused")
  func tooLarge() throws {
    let extents = try extents(limit: 64 << 20)
    #expect(extents.borrow(atLeast: (32 << 20) + 1) == nil)
  }

  @Test("a burst's surplus reads as zero when it is lent again, the warm ones go out first")
  func surplus() throws {
    let extents = try extents(limit: 32 << 20)
    let lent = (0..<8).compactMap { _ in extents.borrow(size: 4) }
    for id in lent { extents.withBytes(id) { $0[0] = 9 } }
    for id in lent { extents.giveBack(id) }
    let first = lent.indices.compactMap { _ in extents.borrow(size: 4) }.map { id in
      extents.withBytes(id) { $0[0] }
    }
    #expect(first == [9, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("what is given back in the middle of a change is not lent before its end")
  func change() throws {
    let extents = try extents(limit: 1 << 20)
    let id = try #require(extents.borrow(size: 0))
    extents.beginChange()
    extents.giveBack(id)
    let other = try #require(extents.borrow(size: 0))
    #expect(other != id)
    extents.endChange()
    #expect(extents.borrow(size: 0) == id)
  }

  @Test("a successor lends all but those in use, and finds no old bytes in them")
  func restore() throws {
    let pages = try SharedPages(name: "test", byteCount: 4096 + Extents.addressSpace(limit: 8 << 20))
    let before = Extents(in: pages, at: 4096, marksAt: 0, limit: 8 << 20)
    let lent = (0..<6).compactMap { _ in before.borrow(size: 1) }
    for id in lent { before.withBytes(id) { $0[0] = 7 } }
    let after = Extents(in: pages, at: 4096, marksAt: 0, limit: 8 << 20)
    after.restore([lent[1], lent[4]])
    #expect(after.lentBytes == 2 * Extents.sizes[1])
    let kept = [lent[1], lent[4]].map { id in after.withBytes(id) { $0[0] } }
    #expect(kept == [7, 7])
    let fresh = (0..<5).compactMap { _ in after.borrow(size: 1) }
    #expect(Set(fresh.map(\.index)).isDisjoint(with: [lent[1].index, lent[4].index]))
    let first = fresh.map { id in after.withBytes(id) { $0[0] } }
    #expect(first == [0, 0, 0, 0, 0])
  }

  @Test("shared pages are zero at first, typed at any aligned place, and the same through a second mapping")
  func pages() throws {
    let pages = try SharedPages(name: "test", byteCount: 8192)
    let numbers = pages.array(of: UInt64.self, at: 4096, count: 512)
    #expect(numbers[0] == 0 && numbers[511] == 0)
    numbers[511] = 42
    let again = try SharedPages(adopting: Descriptor(owning: dup(pages.number)), byteCount: 8192)
    #expect(again.array(of: UInt64.self, at: 8184, count: 1)[0] == 42)
    pages.discard(at: 4096, count: 4096)
    #expect(numbers[511] == 0)
  }

  @Test("an array beyond its pages, or an index beyond its array, stops the program")
  func bounds() async {
    await #expect(processExitsWith: .failure) {
      let pages = try SharedPages(name: "test", byteCount: 4096)
      _ = pages.array(of: UInt64.self, at: 8, count: 512)
    }
    await #expect(processExitsWith: .failure) {
      let pages = try SharedPages(name: "test", byteCount: 4096)
      _ = pages.array(of: UInt8.self, at: 0, count: 4096)[4096]
    }
  }
}
