import EventLoop
import RedisClient

/// What strangers publish on a channel of Redis, for those who never heard of our streams. It is for the hall `ws`.
///
/// Each worker listens for its own sockets. Redis keeps nothing of it: what is said in the milliseconds in which a slot
/// changes hands, or while Redis is away, its sockets do not hear.
final class Ingress {
  private let make: () -> RedisChannel
  private var channel: RedisChannel?

  init(
    _ loop: EventLoop, endpoint: RedisEndpoint, channel name: String, slot: Int,
    hear: @escaping (Span<UInt8>) -> Void
  ) {
    make = {
      let channel = RedisChannel(loop, endpoint: endpoint, name: "sluice-channel-\(slot)", channel: name)
      channel.onMessage = hear
      return channel
    }
  }

  func open() {
    close()
    let channel = make()
    channel.open()
    self.channel = channel
  }

  func close() {
    channel?.close()
    channel = nil
  }
}
