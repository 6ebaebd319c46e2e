import Bytes
package import EventLoop
package import FleetState

/// Follows streams over a connection of its own with a blocking read, and goes on behind the last entry it handed
/// out, whatever happened in between: a lost connection, a restarted Redis, a pause of the reader.
///
/// What it cannot give it names: `onNotice` comes before the entries behind the gap.
package final class RedisStreams {
  package struct Limits: Sendable {
    /// Entries per stream and read; also what may still come after `pause`.
    package var batch = 512
    package var block: Duration = .seconds(1)

    package init() {}
  }

  /// One entry. It may `pause` or `close`, but must copy what it wants to keep.
  package var onEntry: ((_ stream: Int, StreamEntry) -> Void)?
  /// After the entries of one read.
  package var onBatch: (() -> Void)?
  package var onNotice: ((StreamNotice) -> Void)?
  package var onHealth: ((RedisHealth) -> Void)?
  /// A connection is there and all cursors are known, or Redis is well again: from now on nothing that is added can be
  /// missed.
  package var onFollowing: (() -> Void)?

  /// The last entry handed out of each stream; `nil` until the stream's end is known.
  package private(set) var cursors: [EntryID?]
  package private(set) var epoch: Epoch?

  private enum Ask { case naming, epoch, info(Int), read }

  private let loop: EventLoop
  private let link: RedisLink<Ask>
  private let keys: [String]
  private let epochKey: String?
  private let limits: Limits
  private var outstanding = 0
  private var isPaused = false
  private var isClosed = false
  /// Rounds stop until this has passed: Redis refused something.
  private var restsAfterRefusal = false
  /// Redis has refused something: who follows has to be told when that is over.
  private var isInDoubt = false
  private var checksEnds = true
  private var epochAskedAt: Moment?
  private var isFollowing = false
  private var toldHealth = RedisHealth.down

  /// A stream `after` nothing is followed from its present end.
  package init(
    _ loop: EventLoop, endpoint: RedisEndpoint, name: String, streams: [(key: String, after: EntryID?)],
    epochKey: String? = nil, limits: Limits = Limits()
  ) {
    precondition(!streams.isEmpty, "no streams to follow")
    self.loop = loop
    self.epochKey = epochKey
    self.limits = limits
    keys = streams.map(\.key)
    cursors = streams.map(\.after)
    link = RedisLink(loop, endpoint: endpoint, name: name)
    link.onReady = { [weak self] in self?.begin() }
    link.onReply = { [weak self] ask, reply in self?.take(reply, to: ask) }
    link.onRead = { [weak self] in self?.endOfRead() }
    link.onLost = { [weak self] _, _ in self?.lost() }
  }

  package var health: RedisHealth { link.health }
  /// Why there is no connection; `nil` while there is one.
  package var lastError: RedisError? { link.lastError }

  package func open() { link.open() }

  /// Ends for good. Nothing is handed out afterwards.
  package func close() {
    isClosed = true
    link.close()
  }

  /// Something that was asked for has not come yet.
  package var isReading: Bool { outstanding > 0 }

  /// No further read until `resume`. What has been read already still comes.
  package func pause() { isPaused = true }

  package func resume() {
    if !isPaused { return }
    isPaused = false
    // While nobody read, the stream may have been trimmed beyond our place.
    checksEnds = true
    loop.next { [weak self] in self?.ask() }
  }

  // MARK: Asking

  private func begin() {
    outstanding = 0
    checksEnds = true
    epochAskedAt = nil
    isFollowing = false
    isInDoubt = false
    tellHealth()
    ask()
  }

  /// The next round, if it is time for one: epoch and ends if they are due, then the read, in one write.
  private func ask() {
    if isClosed || isPaused || restsAfterRefusal || outstanding > 0 || !link.isReady { return }
    askEpoch()
    if checksEnds {
      checksEnds = false
      for index in keys.indices {
        send(.info(index)) { [keys] command in
          command.add("XINFO")
          command.add("STREAM")
          command.add(keys[index])
        }
      }
    }
    // Without a place there is nothing to read behind; the ends come first.
    if cursors.contains(where: { $0 == nil }) { return }
    if !isFollowing {
      isFollowing = true
      onFollowing?()
    }
    send(.read) { [keys, cursors, limits] command in
      command.add("XREAD")
      command.add("COUNT")
      command.add(limits.batch)
      command.add("BLOCK")
      command.add(max(1, limits.block.wholeMilliseconds))
      command.add("STREAMS")
      for key in keys { command.add(key) }
      for cursor in cursors { command.add(cursor ?? .zero) }
    }
  }

  private func askEpoch() {
    guard let epochKey else { return }
    if let asked = epochAskedAt, loop.now.duration(since: asked) < .seconds(1) { return }
    epochAskedAt = loop.now
    // Whoever comes first names a life that has no name yet.
    if epoch == nil {
      var random = SystemRandomNumberGenerator()
      let fresh = Epoch.fresh(using: &random)
      send(.naming) { command in
        command.add("SET")
        command.add(epochKey)
        command.add(fresh.text)
        command.add("NX")
      }
    }
    send(.epoch) { command in
      command.add("GET")
      command.add(epochKey)
    }
  }

  private func send(_ ask: Ask, _ fill: (inout RedisCommand) -> Void) {
    do throws(RedisError) {
      try link.send(ask, fill)
      outstanding += 1
    } catch {
      // The connection has just ended; the next one begins anew.
    }
  }

  // MARK: Taking

  private func take(_ reply: Reply, to ask: Ask) {
    outstanding -= 1
    if reply.kind == .error { return refuse(RedisRefusal(reply.text), to: ask) }
    switch ask {
    case .naming: break
    case .epoch: takeEpoch(reply)
    case .info(let index): if let info = StreamInfo(reply) { take(info, of: index) }
    case .read: takeEntries(reply)
    }
  }

  private func refuse(_ refusal: RedisRefusal, to ask: Ask) {
    // Nobody has written to the stream yet.
    if case .info(let index) = ask, refusal.message.hasPrefix("ERR no such key") {
      return take(StreamInfo(first: nil, last: .zero, isWhole: true), of: index)
    }
    link.note(refusal)
    if restsAfterRefusal { return }
    restsAfterRefusal = true
    checksEnds = true
    loop.after(.seconds(1)) { [weak self] in
      self?.restsAfterRefusal = false
      self?.ask()
    }
  }

  private func takeEpoch(_ reply: Reply) {
    link.noteSuccess(evenLate: true)
    let found = reply.value.text.flatMap { Epoch($0) }
    if found == epoch { return }
    epoch = found
    onNotice?(.epoch(found))
  }

  private func take(_ info: StreamInfo, of index: Int) {
    guard let cursor = cursors[index] else {
      cursors[index] = info.last
      return
    }
    switch info.finding(for: cursor) {
    case .complete: break
    case .trimmed(let before):
      // What is gone is behind us from here on, so that it is named once.
      cursors[index] = max(cursor, before.previous)
      onNotice?(.trimmed(stream: index, after: cursor, before: before))
    case .rewound(let end):
      cursors[index] = end
      onNotice?(.rewound(stream: index, from: cursor, to: end))
    }
  }

  private func takeEntries(_ reply: Reply) {
    link.noteSuccess(evenLate: true)
    if isInDoubt && link.health == .up {
      isInDoubt = false
      onFollowing?()
    }
    reply.forEach { stream in
      guard stream.count == 2, let index = place(of: stream[0].text) else { return }
      let entries = stream[1]
      // A full batch means we are behind, and who is behind may be overtaken by the trimming.
      if entries.count >= limits.batch { checksEnds = true }
      entries.forEach { take(entry: $0, of: index) }
    }
    if reply.count > 0 && !isClosed { onBatch?() }
  }

  private func take(entry: Reply, of index: Int) {
    if isClosed { return }
    guard entry.count == 2, let id = EntryID(entry[0].text) else { return }
    // Each entry once, and in order, even if we were told to read from before our place.
    if let cursor = cursors[index], id <= cursor { return }
    onEntry?(index, StreamEntry(id: id, fields: entry[1]))
    cursors[index] = id
  }

  private func place(of key: Span<UInt8>) -> Int? {
    for index in keys.indices {
      let candidate = keys[index].utf8.span
      if candidate.equals(key) { return index }
    }
    return nil
  }

  private func endOfRead() {
    tellHealth()
    ask()
  }

  private func lost() {
    outstanding = 0
    tellHealth()
  }

  private func tellHealth() {
    if link.health == toldHealth { return }
    toldHealth = link.health
    if toldHealth != .up { isInDoubt = true }
    onHealth?(toldHealth)
  }
}
