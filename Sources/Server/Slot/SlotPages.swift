import EventLoop

/// The memory of one worker slot, which outlives every process that serves it: the records and bytes of its sockets,
/// what they said that Redis has not confirmed, and the fan-out that is under way.
///
/// The supervisor makes it, the worker fills it, the standby maps it and waits.
struct SlotPages {
  let pages: SharedPages
  let layout: StreamLayout
  let streams: Int

  static func limits(streams: Int) -> StreamLimits {
    var limits = StreamLimits(streams: streams)
    limits.companionBytes = MemoryLayout<SocketRecord>.stride
    limits.commonsBytes = MemoryLayout<SlotCommons>.stride
    limits.roomBytes = Room.byteCount(streams: streams)
    return limits
  }

  private static func layout(streams: Int) -> StreamLayout { StreamLayout(limits(streams: streams)) }

  /// What two builds have to have in common to follow each other.
  static var own: PageLayout {
    PageLayout(
      slotBytes: layout(streams: 1024).byteCount, recordBytes: MemoryLayout<SocketRecord>.stride,
      counterBytes: MemoryLayout<SlotCounters>.stride)
  }

  /// Fresh ones, with a life of their own.
  init(streams: Int) throws(SystemError) {
    self.streams = streams
    layout = Self.layout(streams: streams)
    pages = try SharedPages(name: "sluice-slot", byteCount: layout.byteCount)
    layout.sign(pages)
    for (index, size) in sizes.enumerated() { sizeWords[index] = UInt64(size) }
    pages.word(at: layout.roomAt + Room.lifeAt).value = WallClock.unixNanoseconds
    stamp()
  }

  /// Those somebody else has made, perhaps one of another build: nothing of them is believed before all that says how
  /// they are laid out is what this build would say.
  init(adopting descriptor: consuming Descriptor, streams: Int) throws(ForeignPages) {
    guard Self.streams.contains(streams) else { throw ForeignPages("pages for \(streams) sockets") }
    self.streams = streams
    layout = Self.layout(streams: streams)
    do throws(SystemError) {
      pages = try SharedPages(adopting: descriptor, byteCount: layout.byteCount)
    } catch {
      throw ForeignPages("\(error)")
    }
    guard layout.fits(pages), sizes.enumerated().allSatisfy({ sizeWords[$0.offset] == UInt64($0.element) })
    else {
      throw ForeignPages("pages that are laid out in another way")
    }
    if !PageLayout.isReadable(version) { throw PageLayout.refusal(of: version) }
  }

  private static let streams = 1...1 << 20

  /// Of what is in the room; those of the sockets' records are in the table's own signature.
  private var sizes: [Int] {
    [
      streams, MemoryLayout<FanOutEntry>.stride, MemoryLayout<FanOutBank>.stride,
      MemoryLayout<Membership>.stride, Room.byteCount(streams: 0),
    ]
  }

  private var sizeWords: PageArray<UInt64> {
    pages.array(of: UInt64.self, at: layout.roomAt + Room.sizesAt, count: sizes.count)
  }

  private var versionWord: PageWord { pages.word(at: layout.roomAt + Room.versionAt) }

  /// Whose the sockets were last: the number of that build's layout.
  var version: UInt64 { versionWord.value }

  /// They are this build's from here on: whatever it alone knows is right in every record.
  func stamp() { versionWord.value = PageLayout.version }

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
    static let sizesAt = 24
    static let heartbeatAt = 64
    static let fanOutAt = 192
    static let notesAt = 1024
    static let banksAt = 4096
    static let bankBytes = 16_384
    static let entriesAt = banksAt + 2 * bankBytes
    static let mostEntries = 4096
    static let framesAt = entriesAt + mostEntries * MemoryLayout<FanOutEntry>.stride
    /// The longest message in every rendering, each of its bytes escaped. Address space alone.
    static let framesBytes = 512 << 20
    static let logAt = framesAt + framesBytes
    /// Twice the longest message and more: an entry stands in one piece, wherever the one before it has ended.
    static let logBytes = 34 << 20
    static let membershipsAt = logAt + logBytes

    static func byteCount(streams: Int) -> Int {
      membershipsAt + streams * Membership.most * MemoryLayout<Membership>.stride
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
  /// Zero: for what a later build has to know (see `PageLayout`).
  var spare = InlineArray<4, UInt64>(repeating: 0)
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
