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

  /// The shortest message.
  public static let size = 64

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

  /// Reads the last `size` bytes of an answer: servers may put something before what they echo.
  public static func read(_ message: Span<UInt8>, size: Int, run: UInt32) -> Reading {
    let size = max(size, Stamp.size)
    guard message.count >= size else { return .foreign }
    let text = message.extracting(droppingFirst: message.count - size)
    var place = 0
    guard let first = read(text, digits: 8, &place), first == UInt64(run) else { return .foreign }
    guard let socket = read(text, digits: 8, &place), let sequence = read(text, digits: 8, &place),
      let intended = read(text, digits: 16, &place), let sent = read(text, digits: 16, &place),
      let checksum = read(text, digits: 8, &place)
    else { return .corrupt }
    let stamp = Stamp(
      run: run, socket: UInt32(truncatingIfNeeded: socket), sequence: UInt32(truncatingIfNeeded: sequence),
      intended: intended, sent: sent)
    guard UInt64(stamp.checksum) == checksum else { return .corrupt }
    while place < size {
      if text[place] != stamp.filler(at: place) { return .corrupt }
      place += 1
    }
    return .stamp(stamp)
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
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index)) & 15)
      room[place] = digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10
      place += 1
    }
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
