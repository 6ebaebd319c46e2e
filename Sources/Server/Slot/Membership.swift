import Bytes
import FleetState

/// Something a socket has joined, or what it is called: a key by which it is found, and the words for it.
struct Membership: BitwiseCopyable {
  /// For one socket.
  static let most = 32

  var key = AudienceKey.none
  private var length: UInt8 = 0
  private var bytes = InlineArray<64, UInt8>(repeating: 0)

  init() {}

  init(_ key: AudienceKey, _ name: String) {
    self.key = key
    for byte in name.utf8.prefix(64) {
      bytes[Int(length)] = byte
      length += 1
    }
  }

  var name: String {
    let count = min(Int(length), 64)
    return String(decoding: (0..<count).map { bytes[$0] }, as: UTF8.self)
  }

  /// The same without a String on the way.
  func appendName(to out: inout ByteBuffer) {
    for index in 0..<min(Int(length), 64) { out.append(bytes[index]) }
  }
}
