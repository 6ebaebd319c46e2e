import EventLoop

/// The memory of one worker slot, which outlives every process that serves it: the records and bytes of its sockets,
/// what they said that Redis has not confirmed, and the fan-out that is under way.
///
/// The supervisor makes it, the worker fills it, the standby maps it and waits.
struct SlotPages {
  /// Our records are of this layout; a process of another build does not touch them.
  static let version: UInt64 = 2

  let pages: SharedPages
  let layout: StreamLayout
  let streams: Int

  static func limits(streams: Int) -> StreamTable.Limits {
    var limits = StreamTable.Limits(streams: streams)
    limits.companionBytes = MemoryLayout<SocketRecord>.stride
    limits.commonsBytes = MemoryLayout<SlotCommons>.stride
    limits.roomBytes = Room.byteCount(streams: streams)
    return limits
  }

  private static func layout(streams: Int) -> StreamLayout { StreamLayout(limits(streams: streams)) }

  /// What two builds have to have in common to follow each other.
  static var signature: String {
    let layout = layout(streams: 1024)
    return
      "\(version).\(layout.byteCount).\(MemoryLayout<SocketRecord>.stride).\(MemoryLayout<SlotCounters>.stride)"
  }

  /// Fresh ones, with a life of their own.
  init(streams: Int) throws(SystemError) {
    self.streams = streams
    layout = Self.layout(streams: streams)
    pages = try SharedPages(name: "sluice-slot", byteCount: layout.byteCount)
    layout.sign(pages)
    pages.word(at: layout.roomAt + Room.versionAt).value = Self.version
    pages.word(at: layout.roomAt + Room.lifeAt).value = WallClock.unixNanoseconds
  }

  /// Those somebody else has made. Nil when this build does not know their layout.
  init?(adopting descriptor: consuming Descriptor, streams: Int) throws(SystemError) {
    self.streams = streams
    layout = Self.layout(streams: streams)
    pages = try SharedPages(adopting: descriptor, byteCount: layout.byteCount)
    guard layout.fits(pages), pages.word(at: layout.roomAt + Room.versionAt).value == Self.version else {
      return nil
    }
  }

  /// Names this memory: what was said from it and what its sockets are called counts from there.
  var life: UInt64 { pages.word(at: layout.roomAt + Room.lifeAt).value }
  /// Who serves the slot.
  var owner: Ownership { Ownership(word: pages.word(at: layout.roomAt + Room.ownerAt)) }
  /// Goes on with each turn of the worker's loop.
  var heartbeat: PageWord { pages.word(at: layout.roomAt + Room.heartbeatAt) }

  /// Where in the room each part lies.
  enum Room {
    static let versionAt = 0
    static let lifeAt = 8
    static let ownerAt = 16
    static let heartbeatAt = 64
    static let fanOutAt = 192
    static let notesAt = 1024
    static let banksAt = 4096
    static let bankBytes = 16_384
    static let entriesAt = banksAt + 2 * bankBytes
    static let mostEntries = 4096
    static let framesAt = entriesAt + mostEntries * MemoryLayout<FanOutPages.Entry>.stride
    /// The longest message in every rendering, each of its bytes escaped. Address space alone.
    static let framesBytes = 512 << 20
    static let logAt = framesAt + framesBytes
    /// Twice the longest message and more: an entry stands in one piece, wherever the one before it has ended.
    static let logBytes = 34 << 20
    static let membershipsAt = logAt + logBytes

    static func byteCount(streams: Int) -> Int {
      membershipsAt + streams * Memberships.most * MemoryLayout<Membership>.stride
    }
  }
}

/// What the records of a slot's sockets share; it changes with them, as one step.
struct SlotCommons: BitwiseCopyable {
  var drain = DrainShare()
  /// The end of what Redis has confirmed, and of what was said, as positions in the log.
  var confirmedEnd: UInt64 = 0
  var publishedEnd: UInt64 = 0
  /// How many entries that has been.
  var published: UInt64 = 0
}

/// The one word by which a slot changes hands. A process is known by its generation, which no other has ever had.
struct Ownership {
  let word: PageWord

  private static let offered: UInt64 = 1 << 63

  /// The generation that serves, or has offered to stop serving; 0 for nobody yet.
  var value: UInt64 { word.value }

  func claim(_ generation: UInt32) { word.value = UInt64(generation) }

  /// From here on the owner touches nothing until the offer is taken or taken back.
  func offer(to generation: UInt32) { word.value = Self.offered | UInt64(generation) }

  /// False: the offer stands no longer.
  func take(_ generation: UInt32) -> Bool {
    word.exchange(Self.offered | UInt64(generation), for: UInt64(generation))
  }

  /// False: it was taken.
  func takeBack(from taker: UInt32, by generation: UInt32) -> Bool {
    word.exchange(Self.offered | UInt64(taker), for: UInt64(generation))
  }

  /// For a standby whose worker is known to be dead. False: another one was quicker, or the slot is another's now.
  func inherit(from dead: UInt32, by generation: UInt32) -> Bool {
    let value = word.value
    let isTheirs = value == UInt64(dead) || value & Self.offered != 0
    return isTheirs && word.exchange(value, for: UInt64(generation))
  }
}
