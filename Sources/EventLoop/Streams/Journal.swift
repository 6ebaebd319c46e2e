/// Keeps the journal of a table: begins, seals and ends a change, and puts things right after a crash.
final class Journal {
  private let pages: SharedPages
  private let layout: StreamLayout
  private let state: PageWord
  private let records: PageArray<StreamRecord>
  private let undo: PageArray<StreamJournal>
  private let redo: PageArray<StreamJournal>
  private(set) var isOpen = false

  init(in pages: SharedPages, layout: StreamLayout) {
    self.pages = pages
    self.layout = layout
    state = pages.word(at: StreamLayout.stateAt)
    records = pages.array(of: StreamRecord.self, at: layout.recordsAt, count: layout.streams)
    undo = pages.array(of: StreamJournal.self, at: StreamLayout.undoAt, count: 1)
    redo = pages.array(of: StreamJournal.self, at: StreamLayout.redoAt, count: 1)
  }

  /// From here on the stream can be changed: until `seal` or `end` it is as it was.
  @inline(__always)
  func begin(_ index: Int) {
    isOpen = true
    undo[0].index = UInt32(truncatingIfNeeded: index)
    undo[0].record = records[index]
    copyOwners(index, to: StreamLayout.undoAt)
    step()
    state.value = StreamJournal.State.changing.rawValue
    step()
  }

  /// The change is made and `count` bytes at `place` are about to leave: from here on it holds.
  @inline(__always)
  func seal(_ index: Int, place: Int, count: Int) {
    redo[0].index = UInt32(truncatingIfNeeded: index)
    redo[0].place = UInt64(place)
    redo[0].count = UInt64(count)
    redo[0].record = records[index]
    copyOwners(index, to: StreamLayout.redoAt)
    step()
    state.value = StreamJournal.State.leaving.rawValue
    step()
  }

  @inline(__always)
  func end() {
    step()
    state.value = StreamJournal.State.idle.rawValue
    isOpen = false
    step()
  }

  /// Stands where a process may die with consequences of its own; tests are told, a release build has none of it.
  @inline(__always)
  func step() {
    #if DEBUG
      onStep?()
    #endif
  }

  #if DEBUG
    var onStep: (() -> Void)?
  #endif

  @inline(__always)
  private func copyOwners(_ index: Int, to bank: Int) {
    if layout.companionBytes > 0 {
      pages.copy(
        from: layout.companionsAt + index * layout.companionBytes, to: bank + StreamLayout.companionInBank,
        count: layout.companionBytes)
    }
    if layout.commonsBytes > 0 {
      pages.copy(
        from: StreamLayout.commonsAt, to: bank + StreamLayout.commonsInBank, count: layout.commonsBytes)
    }
  }

  // MARK: After a crash

  struct Left {
    /// The stream in work.
    var index: Int
    /// What was about to leave for it.
    var place: Int
    var count: Int
    /// Its bytes were being worked on: should the process have died of them, they kill the next one too.
    var isSuspect: Bool
  }

  /// Puts the records back to what holds, and tells what was in work. Nil: nothing was. Can be done again.
  func recover() -> Left? {
    defer { isOpen = false }
    switch StreamJournal.State(rawValue: state.value) {
    case .idle, nil: return nil
    case .changing:
      let index = Int(undo[0].index)
      guard restore(index, undo[0].record, from: StreamLayout.undoAt) else { return nil }
      return Left(index: index, place: 0, count: 0, isSuspect: true)
    case .leaving:
      let index = Int(redo[0].index)
      guard restore(index, redo[0].record, from: StreamLayout.redoAt) else { return nil }
      return Left(
        index: index, place: Int(clamping: redo[0].place), count: Int(clamping: redo[0].count),
        isSuspect: false)
    }
  }

  private func restore(_ index: Int, _ record: StreamRecord, from bank: Int) -> Bool {
    guard index < records.count else { return false }
    records[index] = record
    if layout.companionBytes > 0 {
      pages.copy(
        from: bank + StreamLayout.companionInBank, to: layout.companionsAt + index * layout.companionBytes,
        count: layout.companionBytes)
    }
    if layout.commonsBytes > 0 {
      pages.copy(
        from: bank + StreamLayout.commonsInBank, to: StreamLayout.commonsAt, count: layout.commonsBytes)
    }
    return true
  }
}
