import Bytes

@testable import EventLoop

/// What clients and servants of a crash test say to each other. Each byte of it is known beforehand.
///
///     request: length of the payload (4), length of the answer's payload (4), payload
///     answer, broadcast: kind (4), number (4), length of the payload (4), payload
enum Dialogue {
  static let requestHead = 8
  static let answerHead = 12
  /// Asked for as the answer's length: a short answer, and then the end.
  static let goodbye = UInt32.max
  static let goodbyeLength = 100

  enum Kind: UInt32 { case answer, broadcast }

  struct Request {
    var payload: [UInt8]
    var wanted: UInt32

    var bytes: [UInt8] { word(UInt32(payload.count)) + word(wanted) + payload }
  }

  /// The first request in `bytes`; nil when it is not whole yet.
  static func request(in bytes: Span<UInt8>) -> (Request, length: Int)? {
    guard bytes.count >= requestHead else { return nil }
    let count = Int(number(bytes, at: 0))
    guard bytes.count >= requestHead + count else { return nil }
    let payload = bytes.extracting(requestHead..<requestHead + count).copied()
    return (Request(payload: payload, wanted: number(bytes, at: 4)), requestHead + count)
  }

  /// The answer tells what was heard and in which place of the order.
  static func answer(to request: Request, number: UInt32) -> [UInt8] {
    let count = request.wanted == goodbye ? goodbyeLength : Int(request.wanted)
    var hash: UInt32 = 0x811C_9DC5 &+ number
    for byte in request.payload { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return message(.answer, number, pattern(count, from: hash))
  }

  static func broadcast(_ number: UInt32, count: Int) -> [UInt8] {
    message(.broadcast, number, pattern(count, from: number &* 77))
  }

  /// Kind, number and length of the first message in `bytes`.
  static func head(of bytes: ArraySlice<UInt8>) -> (kind: Kind?, number: UInt32, length: Int)? {
    guard bytes.count >= answerHead else { return nil }
    let head = Array(bytes.prefix(answerHead))
    let kind = Kind(rawValue: number(head.span, at: 0))
    return (kind, number(head.span, at: 4), answerHead + Int(number(head.span, at: 8)))
  }

  private static func message(_ kind: Kind, _ number: UInt32, _ payload: [UInt8]) -> [UInt8] {
    word(kind.rawValue) + word(number) + word(UInt32(payload.count)) + payload
  }

  private static func pattern(_ count: Int, from seed: UInt32) -> [UInt8] {
    // A block of an odd length, again and again: a byte that is missing or doubled shows in all that follow.
    var state = seed | 1
    let block = (0..<min(count, 4093)).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += block.prefix(count - bytes.count) }
    return bytes
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
  }

  private static func number(_ bytes: Span<UInt8>, at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }
}
