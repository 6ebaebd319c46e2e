/// The hosts webhooks may go to, each with the address that is dialled: nothing else is reachable, this machine
/// and its neighbours included, and no name is ever looked up while serving.
package struct WebhookAllowance: Equatable, Sendable {
  private struct Entry: Equatable {
    let host: String
    /// Nil: the scheme's own port, 80 or 443.
    let port: UInt16?
    let address: String
  }

  private var entries: [Entry] = []

  package static let allowed =
    "HOST[:PORT] with a numeric host, or NAME[:PORT]=ADDRESS, such as hooks.example.com=203.0.113.7"

  /// Webhooks are off.
  package init() {}

  /// Nil if one of the words is none of ours.
  package init?(_ words: [String]) {
    for word in words {
      guard let entry = Self.entry(word) else { return nil }
      entries.append(entry)
    }
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// The address to dial, nil where a webhook may not go.
  package func address(of url: WebhookURL) -> String? {
    let standard: UInt16 = url.isSecure ? 443 : 80
    return entries.first { $0.host == url.host && $0.port ?? standard == url.port }?.address
  }

  private static func entry(_ word: String) -> Entry? {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let place = HostAndPort(String(parts[0])) else { return nil }
    var address = parts.count > 1 ? String(parts[1]) : place.host
    if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
    guard NumericHost.isNumeric(address) else { return nil }
    return Entry(host: place.host, port: place.port, address: address)
  }
}
