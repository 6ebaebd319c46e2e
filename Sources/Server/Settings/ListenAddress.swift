import EventLoop

/// One value of `listen`: an address, and whether TLS is spoken there.
struct ListenAddress: Equatable {
  let address: SocketAddress
  let isSecure: Bool

  /// `HOST:PORT` as `SocketAddress` reads it, with `wss://` or `ws://` in front or nothing.
  init?(_ text: String) {
    isSecure = text.hasPrefix("wss://")
    let rest = isSecure ? text.dropFirst(6) : text.hasPrefix("ws://") ? text.dropFirst(5) : text[...]
    guard let address = try? SocketAddress.parse(String(rest)), case .tcp = address else { return nil }
    self.address = address
  }
}
