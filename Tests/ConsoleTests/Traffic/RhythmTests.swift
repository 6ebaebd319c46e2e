import Testing

@testable import Console

@Suite struct RhythmTests {
  @Test("each second is counted, an empty one is a zero, the present one is left out")
  func seconds() {
    var rhythm = Rhythm()
    for time: UInt64 in [10, 10, 13] { rhythm.add(at: time, bytes: 4) }
    let (counts, bytes) = rhythm.series(before: 15)
    #expect(counts == [2, 0, 0, 1, 0] && bytes == [8, 0, 0, 4, 0])
    #expect(rhythm.series(before: 13).counts == [2, 0, 0])
  }

  @Test("clocks that differ are no trap", arguments: [0, 1, 10, 11, 1 << 40, .max] as [UInt64])
  func clocks(_ now: UInt64) {
    var rhythm = Rhythm()
    #expect(rhythm.series(before: now).counts.isEmpty)
    rhythm.add(at: 10, bytes: .max)
    rhythm.add(at: 3, bytes: .max)
    let (counts, bytes) = rhythm.series(before: now)
    #expect(counts.count <= 600 && bytes.count == counts.count)
  }

  @Test("it holds no more than ten minutes, however long it goes on")
  func bounded() {
    var rhythm = Rhythm()
    for time: UInt64 in 0..<5000 { rhythm.add(at: time, bytes: 1) }
    #expect(rhythm.series(before: 5000).counts == [Double](repeating: 1, count: 600))
  }
}
