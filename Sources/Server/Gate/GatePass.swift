import Bytes
import TLS
import WireProtocol

/// By what a worker knows that a connection comes from a gate of its own server: the port that nobody else is told, and
/// a secret that nobody can guess. Made once in a server's life; it travels by the channels alone.
struct GatePass: Equatable {
  let port: UInt16
  let secret: [UInt8]

  /// Nil: the system has no random bytes.
  init?(port: UInt16) {
    guard let secret = try? Random.bytes(ProxyHead.secretCount) else { return nil }
    self.port = port
    self.secret = secret
  }

  /// Whose the connection is; nil for a stranger's.
  func peer(in head: ProxyHead) -> PeerAddress? {
    ConstantTime.equal(head.secret.span, secret.span) ? head.peer : nil
  }

  /// As it crosses a channel.
  var text: String {
    let digits = secret.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    return "\(port):\(digits.joined())"
  }

  init?(text: String) {
    let words = text.split(separator: ":")
    guard words.count == 2, let port = UInt16(words[0]), words[1].utf8.count == 2 * ProxyHead.secretCount
    else { return nil }
    let digits = words[1].utf8.map { $0 }
    var secret: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Character(Unicode.Scalar(digits[index])).hexDigitValue,
        let low = Character(Unicode.Scalar(digits[index + 1])).hexDigitValue
      else { return nil }
      secret.append(UInt8(high << 4 | low))
    }
    self.port = port
    self.secret = secret
  }
}
