import FleetState
import TLS

/// Who is told: everybody in some halls, or those who have joined something.
enum Audience: Equatable {
  case halls(Halls)
  case members(AudienceKey)
}

/// What sockets join, as the number by which it is found: the same in every process.
///
/// Of a cryptographic digest, because strangers choose the names: nobody finds one that hears another's messages.
struct AudienceKey: Hashable, BitwiseCopyable {
  let value: UInt64

  static let none = AudienceKey(value: 0)

  init(value: UInt64) { self.value = value }

  init(client: ClientID) { self.init("c", client.text) }
  init(group: Name) { self.init("g", group.text) }
  init(task: Name) { self.init("t", task.text) }

  /// For whoever watches every task.
  static let everyTask = AudienceKey("t", "")

  private init(_ kind: String, _ name: String) {
    let digest = SHA256.digest(of: Array("\(kind) \(name)".utf8).span)
    let word = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    value = max(word, 1)
  }
}
