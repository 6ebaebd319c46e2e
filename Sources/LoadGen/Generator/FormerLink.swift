import EventLoop
import WireProtocol

/// The connection of a socket that is moving: it serves until the new one does.
struct FormerLink {
  let stream: StreamID
  var conversation: Conversation
}
