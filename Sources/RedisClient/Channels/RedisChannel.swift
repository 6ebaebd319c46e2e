import Bytes
package import EventLoop
package import FleetState

/// Hears what others publish on a channel, over a connection of its own. Redis keeps nothing of it: what is published
/// while nobody is connected is heard by nobody.
package final class RedisChannel {
  /// What was published, valid during the call.
  package var onMessage: ((Span<UInt8>) -> Void)?
  package var onHealth: ((RedisHealth) -> Void)?

  private enum Ask { case subscribe, ping }

  private let loop: EventLoop
  private let link: RedisLink<Ask>
  private let channel: String
  private var stopAsking: (() -> Void)?
  private var toldHealth = RedisHealth.down

  /// Nobody may publish for hours: only a ping tells that the connection still stands.
  private static let pingEvery = Duration.seconds(2)
  private static let refusalPause = Duration.seconds(1)

  package init(_ loop: EventLoop, endpoint: RedisEndpoint, name: String, channel: String) {
    self.loop = loop
    self.channel = channel
    link = RedisLink(loop, endpoint: endpoint, name: name)
    link.onReady = { [weak self] in self?.subscribe() }
    link.onReply = { [weak self] ask, reply in self?.take(reply, to: ask) }
    link.onPush = { [weak self] reply in self?.onMessage?(reply[2].text) }
    link.onRead = { [weak self] in self?.tellHealth() }
    link.onLost = { [weak self] _, _ in self?.tellHealth() }
  }

  package func open() {
    link.open()
    stopAsking = loop.every(Self.pingEvery) { [weak self] in
      if let self, link.isReady, link.waiting == 0 { ask(.ping, "PING") }
    }
  }

  /// Ends for good.
  package func close() {
    stopAsking?()
    stopAsking = nil
    onMessage = nil
    link.close()
  }

  private func subscribe() { ask(.subscribe, "SUBSCRIBE", channel) }

  private func ask(_ ask: Ask, _ words: String...) {
    // Without a connection it is asked again when there is one.
    try? link.send(ask) { command in for word in words { command.add(word) } }
  }

  private func take(_ reply: Reply, to ask: Ask) {
    guard reply.kind == .error else { return link.noteSuccess() }
    link.note(RedisRefusal(reply.text))
    switch ask {
    case .ping: break
    case .subscribe: loop.after(Self.refusalPause) { [weak self] in self?.subscribe() }
    }
  }

  private func tellHealth() {
    if link.health == toldHealth { return }
    toldHealth = link.health
    onHealth?(toldHealth)
  }
}
