import Bytes

/// One socket as its worker lists it under `sockets:<host>:<slot>`: where it belongs, who it is, where it came from.
///
///     clients 1700000000000 127.0.0.1:51712 =ada
///     hall since peer =client
package struct OpenSocket: Equatable, Sendable {
  package var hall: Hall
  /// Milliseconds since 1970.
  package var since: UInt64
  package var peer: String
  package var client: ClientID?

  /// The field beside the sockets that names the life of the slot's memory: connection numbers count from there.
  package static let lifeField = "life"
  private static let longest = 256

  package init(hall: Hall, since: UInt64, peer: String, client: ClientID? = nil) {
    self.hall = hall
    self.since = since
    self.peer = peer.contains(" ") || peer.isEmpty ? "-" : peer
    self.client = client
  }

  /// Nil for what no worker of ours writes.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.longest else { return nil }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 4, let hall = Hall(words[0]), let since = UInt64(words[1]), !words[2].isEmpty else {
      return nil
    }
    self.init(hall: hall, since: since, peer: printable(words[2], limit: 128))
    if words[3] == "-" { return }
    guard words[3].hasPrefix("="), let client = ClientID(words[3].dropFirst()) else { return nil }
    self.client = client
  }

  package var text: String { "\(hall) \(since) \(peer) \(client.map { "=\($0)" } ?? "-")" }
}
