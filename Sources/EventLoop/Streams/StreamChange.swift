import Bytes

/// Changes of one stream that a crash leaves done or not begun, never in between.
extension StreamTable {
  /// Lets `body` change what is known of a stream, here and in the owner's records, and answer it, as one step.
  ///
  /// While a stream is heard, that is its step already. What is done to another one meanwhile is no step of its own: a
  /// crash may leave that half done.
  public func change(_ stream: StreamID, _ body: () -> Void) {
    guard holds(stream) else { return }
    if journal.isOpen { return body() }
    changeAlone(stream, body)
  }

  /// The same, with bytes that lie in the owner's room for an answer; they stay there until they have left.
  /// False when the stream had no room for them; it is broken then.
  @discardableResult
  public func forward(at place: Int, count: Int, to stream: StreamID, noting body: () -> Void) -> Bool {
    guard holds(stream), records[stream.slot].phase == .open else { return false }
    precondition(!journal.isOpen, "one stream at a time")
    let index = stream.slot
    journal.begin(index)
    extents.beginChange()
    body()
    journal.seal(index, place: place, count: count)
    let outcome = pages.withBytes(at: place, count: count) { deliver($0, to: index) }
    if outcome != .taken { breakOff(stream) }
    endChange()
    return outcome == .taken
  }

  /// A step of its own. A stream that has no room for what it was to be told is broken with it, unless it is
  /// `refusable`: then that is the caller's to know.
  @discardableResult
  func changeAlone(_ stream: StreamID, refusable: Bool = false, _ body: () -> Void) -> Delivery {
    let index = stream.slot
    var outcome = Delivery.taken
    bracket(index) {
      speaking = stream
      body()
      speaking = nil
      outcome = settleAnswer(stream)
      if outcome == .cut || outcome == .refused && !refusable { breakOff(stream) }
      if holds(stream), records[index].phase == .finishing { advanceFinishing(index) }
    }
    return outcome
  }

  /// What was gathered for the stream leaves.
  func settleAnswer(_ stream: StreamID) -> Delivery {
    if answer.isEmpty { return .taken }
    defer { clearAnswer() }
    guard holds(stream), records[stream.slot].phase != .broken else { return .taken }
    // More than may ever wait was answered at once.
    guard answer.isInPlace else { return .refused }
    journal.seal(stream.slot, place: layout.answerAt, count: answer.count)
    return deliver(answer.bytes, to: stream.slot)
  }

  private func clearAnswer() {
    longestAnswer = max(longestAnswer, answer.count)
    answer.clear()
    if !answer.isInPlace { answer = pages.buffer(at: layout.answerAt, count: StreamLayout.answerBytes) }
  }

  /// What a burst may leave behind in the answer's window.
  private static let answerKept = 1 << 20

  /// `body` changes the record of one place, outside or inside of a change of it.
  @inline(__always)
  func bracket(_ index: Int, _ body: () -> Void) {
    if journal.isOpen { return body() }
    journal.begin(index)
    extents.beginChange()
    body()
    endChange()
  }

  /// Only once the change holds is the memory let go that a successor would have needed to undo or to finish it.
  @inline(__always)
  private func endChange() {
    journal.end()
    extents.endChange()
    if longestAnswer > Self.answerKept {
      pages.discard(at: layout.answerAt, count: StreamLayout.answerBytes)
      longestAnswer = 0
    }
  }
}
