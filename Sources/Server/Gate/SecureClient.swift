import Bytes
import EventLoop
import TLS
import WireProtocol

/// One client of the gate: its two sockets, its TLS end, and what neither socket would take yet.
final class SecureClient {
  let id: UInt32
  let peer: PeerAddress
  let client: Int32
  let session: TLSSession
  var hasSpoken = false
  /// -1 while there is none.
  var worker: Int32 = -1
  var crossing = Crossing()
  /// Plain text for the worker, and what is encrypted for the client. Empty they hold no memory.
  var up = ByteBuffer()
  var down = ByteBuffer()
  /// Nil while it is not watched: nothing is wanted of it, and its end would wake us for ever.
  var clientInterest: Readiness?
  var workerInterest: Readiness?
  var alarm: TimerID?
  /// The phase `alarm` was set for.
  var timed: Crossing.Phase?

  init(id: UInt32, client: Int32, peer: PeerAddress, session: TLSSession) {
    self.id = id
    self.client = client
    self.peer = peer
    self.session = session
  }

  /// Sends as much as the kernel takes, behind what waits already, and keeps the rest. False: that end is broken.
  func send(up plain: Span<UInt8>) -> Bool {
    defer { crossing.heldUp = up.count }
    // Before the connection stands the kernel takes nothing.
    return Self.send(plain, to: crossing.phase == .open ? worker : -1, &up)
  }

  func send(down cipher: Span<UInt8>) -> Bool {
    defer { crossing.heldDown = down.count }
    return Self.send(cipher, to: client, &down)
  }

  /// The kernel has room again.
  func flushUp() -> Bool {
    defer { crossing.heldUp = up.count }
    return Self.flush(&up, to: worker)
  }

  func flushDown() -> Bool {
    defer { crossing.heldDown = down.count }
    return Self.flush(&down, to: client)
  }

  private static func send(_ bytes: Span<UInt8>, to socket: Int32, _ held: inout ByteBuffer) -> Bool {
    var sent = 0
    if held.isEmpty && socket >= 0 {
      sent = Socket.send(bytes, to: socket)
      if sent < 0 { return false }
    }
    held.append(bytes.extracting(droppingFirst: sent))
    return true
  }

  private static func flush(_ held: inout ByteBuffer, to socket: Int32) -> Bool {
    if held.isEmpty { return true }
    let sent = Socket.send(held.bytes, to: socket)
    if sent < 0 { return false }
    held.removeFirst(sent)
    held.trim(above: 0)
    return true
  }
}
