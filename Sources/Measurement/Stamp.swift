public import Bytes

/// What makes a message of a run one of a kind: its run, socket, number, and its times. 64 letters, plain ASCII, so
/// that it passes through any server as text; longer messages are filled up with letters that can be checked.
public struct Stamp: Equatable, Sendable, BitwiseCopyable {
  public var run: UInt32
  public var socket: UInt32
  public var sequence: UInt32
  /// When the plan wanted it sent, and when it was; nanoseconds since the run's start.
  public var intended: UInt64
  public var sent: UInt64

  /// The shortest message: what the six fields take.
  public static let size = MessageSizes.shortest

  public init(run: UInt32, socket: UInt32, sequence: UInt32, intended: UInt64, sent: UInt64) {
    self.run = run
    self.socket = socket
    self.sequence = sequence
    self.intended = intended
    self.sent = sent
  }

  public enum Reading: Equatable, Sendable {
    case stamp(Stamp)
    /// It is of this run, but not as it was sent.
    case corrupt
    /// Something else: a notice, a broadcast, another run's.
    case foreign
  }

  /// Appends a message of `size` bytes, at least `Stamp.size`.
  public func write(size: Int, into out: inout ByteBuffer) {
    out.append(upTo: max(size, Stamp.size)) { room in
      var place = 0
      Self.write(UInt64(run), digits: 8, into: &room, &place)
      Self.write(UInt64(socket), digits: 8, into: &room, &place)
      Self.write(UInt64(sequence), digits: 8, into: &room, &place)
      Self.write(intended, digits: 16, into: &room, &place)
      Self.write(sent, digits: 16, into: &room, &place)
      Self.write(UInt64(checksum), digits: 8, into: &room, &place)
      while place < room.count {
        room[place] = filler(at: place)
        place += 1
      }
      return place
    }
  }

  /// How far into an answer a server may put the message.
  static let mostBefore = 1024

  /// Reads a message out of an answer: servers may put something before what they send back, or behind it.
  public static func read(_ answer: Span<UInt8>, sizes: MessageSizes, run: UInt32) -> Reading {
    guard let start = start(in: answer, sizes, run) else { return .foreign }
    let text = answer.extracting(droppingFirst: start)
    guard text.count >= Stamp.size else { return .corrupt }
    var place = 8
    guard let socket = read(text, digits: 8, &place), let sequence = read(text, digits: 8, &place),
      let intended = read(text, digits: 16, &place), let sent = read(text, digits: 16, &place),
      let checksum = read(text, digits: 8, &place)
    else { return .corrupt }
    let stamp = Stamp(
      run: run, socket: UInt32(truncatingIfNeeded: socket), sequence: UInt32(truncatingIfNeeded: sequence),
      intended: intended, sent: sent)
    guard UInt64(stamp.checksum) == checksum else { return .corrupt }
    let size = sizes.size(socket: stamp.socket, message: stamp.sequence)
    guard text.count >= size else { return .corrupt }
    while place < size {
      if text[place] != stamp.filler(at: place) { return .corrupt }
      place += 1
    }
    return .stamp(stamp)
  }

  /// Where the run's name stands: mostly so far from the end as the message is long, else it is looked for.
  @inline(__always)
  private static func start(in answer: Span<UInt8>, _ sizes: MessageSizes, _ run: UInt32) -> Int? {
    if let size = sizes.fixed, answer.count >= size, isRun(run, in: answer, at: answer.count - size) {
      return answer.count - size
    }
    return search(for: run, in: answer)
  }

  private static func search(for run: UInt32, in answer: Span<UInt8>) -> Int? {
    var place = 0
    while place + 8 <= answer.count, place <= mostBefore {
      if isRun(run, in: answer, at: place) { return place }
      place += 1
    }
    return nil
  }

  @inline(__always)
  private static func isRun(_ run: UInt32, in answer: Span<UInt8>, at place: Int) -> Bool {
    for index in 0..<8 where answer[place + index] != letter(run >> UInt32(28 - 4 * index)) { return false }
    return true
  }

  private var checksum: UInt32 {
    var mixed = Self.mix(UInt64(run) << 32 | UInt64(socket), 0)
    mixed = Self.mix(mixed, UInt64(sequence))
    mixed = Self.mix(mixed, intended)
    mixed = Self.mix(mixed, sent)
    return UInt32(truncatingIfNeeded: mixed >> 16)
  }

  /// Mixes before each new word too: a bit that changes in two fields at once must not cancel itself.
  @inline(__always)
  private static func mix(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = (sum ^ word &+ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ mixed >> 29
  }

  @inline(__always)
  private func filler(at place: Int) -> UInt8 {
    UInt8(ascii: "a") &+ UInt8(truncatingIfNeeded: (place &+ Int(sequence & 0xFF)) & 15)
  }

  @inline(__always)
  private static func write(
    _ value: UInt64, digits: Int, into room: inout MutableSpan<UInt8>, _ place: inout Int
  ) {
    for index in 0..<digits {
      room[place] = letter(UInt32(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index))))
      place += 1
    }
  }

  @inline(__always)
  private static func letter(_ value: UInt32) -> UInt8 {
    let digit = UInt8(truncatingIfNeeded: value & 15)
    return digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10
  }

  @inline(__always)
  private static func read(_ text: Span<UInt8>, digits: Int, _ place: inout Int) -> UInt64? {
    var value: UInt64 = 0
    for _ in 0..<digits {
      let byte = text[place]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
      default: return nil
      }
      value = value << 4 | UInt64(digit)
      place += 1
    }
    return value
  }
}
