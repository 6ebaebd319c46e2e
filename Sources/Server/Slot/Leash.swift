import EventLoop
import Glibc

/// The line between the worker of a slot and a process that keeps its sockets: descriptors one way as connections
/// come, names as they go, in order, in batches.
///
/// In: `admitted`, `gone`, and packets of the other side. Out: `Keepsakes` filled, `onWhole` when all that there was at
/// the beginning is there. Either side can become the worker; then the same line is used the other way.
final class Leash {
  /// All that was open when we were tied together is kept here now.
  var onWhole: (() -> Void)?
  /// The slot is offered to us.
  var onOffer: (() -> Void)?
  var onEnd: (() -> Void)?

  private enum Note {
    case admitted(StreamID)
    case gone(StreamID)
    case whole
    case offer
  }

  private enum Kind: UInt8 { case kept = 1, released, whole, offer }

  private let loop: EventLoop
  private let channel: PacketChannel
  private let keepsakes: Keepsakes
  /// Our descriptor of a stream; nil once it is gone.
  private let descriptor: (StreamID) -> Int32?
  private var notes: [Note] = []
  private let mostNotes: Int
  private var isPlanned = false
  /// Whom the other side has of ours.
  private var isHeld: [Bool]

  private static let batch = 240

  init(
    _ loop: EventLoop, _ channel: PacketChannel, keepsakes: Keepsakes, places: Int,
    descriptor: @escaping (StreamID) -> Int32?
  ) {
    self.loop = loop
    self.channel = channel
    self.keepsakes = keepsakes
    self.descriptor = descriptor
    isHeld = Array(repeating: false, count: places)
    mostNotes = 4 * places + 16_384
    channel.onPacket = { [unowned self] in take($0, $1) }
    channel.onWritable = { [unowned self] in flush() }
    channel.onEnd = { [unowned self] in onEnd?() }
  }

  func close() { channel.close() }

  // MARK: The worker's side

  /// Gives the other side a hold of everything there is.
  func hold(_ streams: [StreamID]) {
    notes = streams.map { .admitted($0) } + [.whole]
    flush()
  }

  /// The other side has a hold of everything there is already.
  func holdsAll(_ streams: [StreamID]) {
    notes = []
    for stream in streams { isHeld[stream.slot] = true }
  }

  func admitted(_ stream: StreamID) { note(.admitted(stream)) }

  func gone(_ stream: StreamID) { note(.gone(stream)) }

  /// All that was noted is the other side's to read, whatever becomes of us.
  var isFlushed: Bool { channel.isOpen && notes.isEmpty }

  /// Reads what the other side has sent so far.
  func readAll() { channel.ready(0, .readable) }

  /// Behind all that was said before.
  func offer() {
    notes.append(.offer)
    flush()
  }

  /// Once a turn, before anything is said on a new connection.
  private func note(_ note: Note) {
    guard channel.isOpen else { return }
    notes.append(note)
    // Whoever does not take anything for so long keeps nothing for us; another one will.
    if notes.count > mostNotes { return loop.next { [weak self] in self?.cut() } }
    if isPlanned { return }
    isPlanned = true
    loop.next { [weak self] in
      self?.isPlanned = false
      self?.flush()
    }
  }

  private func cut() {
    guard channel.isOpen else { return }
    notes = []
    let end = onEnd
    channel.close()
    end?()
  }

  private func flush() {
    var next = 0
    while next < notes.count {
      var packet: [UInt8] = []
      var numbers: [Int32] = []
      let end = gather(from: next, into: &packet, &numbers)
      if !packet.isEmpty && !channel.offer(packet, numbers) { break }
      mark(notes[next..<end])
      next = end
    }
    notes.removeFirst(next)
  }

  /// One packet's worth of notes of one kind; returns the first that is not in it.
  private func gather(from start: Int, into packet: inout [UInt8], _ numbers: inout [Int32]) -> Int {
    var index = start
    while index < notes.count, index - start < Self.batch {
      switch notes[index] {
      case .admitted(let stream):
        if let kind = packet.first, kind != Kind.kept.rawValue { return index }
        if let number = descriptor(stream) {
          if packet.isEmpty { packet.append(Kind.kept.rawValue) }
          packet.append(stream)
          numbers.append(number)
        }
      case .gone(let stream):
        if let kind = packet.first, kind != Kind.released.rawValue { return index }
        if isHeld[stream.slot] {
          if packet.isEmpty { packet.append(Kind.released.rawValue) }
          packet.append(stream)
        }
      case .whole, .offer:
        if !packet.isEmpty { return index }
        if case .whole = notes[index] {
          packet.append(Kind.whole.rawValue)
        } else {
          packet.append(Kind.offer.rawValue)
        }
        return index + 1
      }
      index += 1
    }
    return index
  }

  private func mark(_ sent: ArraySlice<Note>) {
    for note in sent {
      switch note {
      case .admitted(let stream): if descriptor(stream) != nil { isHeld[stream.slot] = true }
      case .gone(let stream): isHeld[stream.slot] = false
      case .whole, .offer: break
      }
    }
  }

  // MARK: The keeper's side

  private func take(_ packet: Span<UInt8>, _ numbers: [Int32]) {
    let count = (packet.count - 1) / 8
    switch Kind(rawValue: packet[0]) {
    case .kept where count == numbers.count:
      for index in 0..<count { keepsakes.keep(packet.stream(at: index), numbers[index]) }
    case .released where numbers.isEmpty:
      for index in 0..<count { keepsakes.release(packet.stream(at: index)) }
    case .whole where numbers.isEmpty: onWhole?()
    case .offer where numbers.isEmpty: onOffer?()
    default: for number in numbers { _ = Glibc.close(number) }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ stream: StreamID) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: stream.number >> shift))
    }
  }
}

extension Span<UInt8> {
  fileprivate func stream(at index: Int) -> StreamID {
    var number: UInt64 = 0
    for byte in 0..<8 { number |= UInt64(self[1 + index * 8 + byte]) << UInt64(byte * 8) }
    return StreamID(number: number)
  }
}
