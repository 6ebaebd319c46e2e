import Testing

@testable import EventLoop

@Suite struct JournalTests {
  private struct Companion: BitwiseCopyable { var value: UInt64 = 0 }

  private let pages: SharedPages
  private let journal: Journal
  private let layout: StreamLayout
  private let records: PageArray<StreamRecord>
  private let companions: PageArray<Companion>
  private let commons: PageArray<Companion>

  init() throws {
    var limits = StreamLimits(streams: 8, memory: 1 << 20)
    limits.companionBytes = MemoryLayout<Companion>.stride
    limits.commonsBytes = MemoryLayout<Companion>.stride
    layout = StreamLayout(limits)
    pages = try SharedPages(name: "test-journal", byteCount: layout.byteCount)
    journal = Journal(in: pages, layout: layout)
    records = pages.array(of: StreamRecord.self, at: layout.recordsAt, count: 8)
    companions = pages.array(of: Companion.self, at: layout.companionsAt, count: 8)
    commons = pages.array(of: Companion.self, at: StreamLayout.commonsAt, count: 1)
    set(3, 10)
  }

  /// Record, companion and commons tell the same number.
  private func set(_ index: Int, _ value: UInt64) {
    records[index].received = value
    companions[index].value = value
    commons[0].value = value
  }

  private func expect(
    _ index: Int, _ value: UInt64, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let all = [records[index].received, companions[index].value, commons[0].value]
    #expect(all == [value, value, value], sourceLocation: sourceLocation)
  }

  /// What another process makes of the same pages.
  private func recover() -> Journal.Left? { Journal(in: pages, layout: layout).recover() }

  @Test("fresh pages and those between two changes have nothing left")
  func idle() {
    #expect(recover() == nil)
    journal.begin(3)
    set(3, 11)
    journal.end()
    #expect(recover() == nil)
    expect(3, 11)
  }

  @Test("a change that was not sealed is undone, however often it is recovered")
  func changing() throws {
    journal.begin(3)
    set(3, 11)
    for _ in 0..<3 {
      let left = try #require(recover())
      #expect(left.index == 3 && left.count == 0 && left.isSuspect)
      expect(3, 10)
      set(3, 99)
    }
  }

  @Test("a sealed change holds, with what was about to leave, however often it is recovered")
  func leaving() throws {
    journal.begin(3)
    set(3, 11)
    journal.seal(3, place: 4096, count: 7)
    set(3, 12)
    for _ in 0..<3 {
      let left = try #require(recover())
      #expect(left.index == 3 && left.place == 4096 && left.count == 7 && !left.isSuspect)
      expect(3, 11)
      set(3, 99)
    }
  }

  @Test("a begin that was cut before its state changes nothing of what the one before had settled")
  func cutBegin() {
    journal.begin(3)
    set(3, 11)
    journal.seal(3, place: 0, count: 1)
    journal.end()
    set(3, 12)
    // The banks still hold the former change; the state alone says whether they count.
    #expect(recover() == nil)
    expect(3, 12)
  }

  @Test("an index beyond the table and a state of no meaning are nothing", arguments: [8, .max] as [UInt32])
  func wrong(index: UInt32) {
    let undo = pages.array(of: StreamJournal.self, at: StreamLayout.undoAt, count: 1)
    let redo = pages.array(of: StreamJournal.self, at: StreamLayout.redoAt, count: 1)
    undo[0].index = index
    redo[0].index = index
    for state in [1, 2, 3, UInt64.max] {
      pages.word(at: StreamLayout.stateAt).value = state
      #expect(recover() == nil)
      expect(3, 10)
    }
  }

  @Test("place and count from broken pages are clamped, not trapped on")
  func hugeCount() throws {
    journal.begin(3)
    journal.seal(3, place: 0, count: 0)
    let redo = pages.array(of: StreamJournal.self, at: StreamLayout.redoAt, count: 1)
    redo[0].place = .max
    redo[0].count = .max
    let left = try #require(recover())
    #expect(left.place == .max && left.count == .max)
  }
}
