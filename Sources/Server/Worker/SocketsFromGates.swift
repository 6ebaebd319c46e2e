import EventLoop
import WireProtocol

/// Sockets that come through a gate: it says whose each is, in front of everything else.
extension Sockets {
  /// It was accepted where only gates connect.
  func isFromGate(_ stream: StreamID) -> Bool {
    guard let pass, let number = table.descriptor(of: stream) else { return false }
    return Socket.localPort(of: number) == pass.port
  }

  /// Reads the gate's head: how many bytes it takes, 0 while more of it has to come. Nil for whoever is no gate.
  func introduce(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int? {
    guard let pass else { return nil }
    do throws(ProxyHead.Malformed) {
      guard let (head, count) = try ProxyHead.read(bytes) else { return 0 }
      guard let peer = pass.peer(in: head) else { return nil }
      self[stream].peer = peer
      self[stream].phase = .asking
      return count
    } catch {
      return nil
    }
  }

  /// Who is at the other end, of the gate's connection if there is one in between.
  func peerName(of stream: StreamID) -> String {
    let peer = self[stream].peer
    return peer.version == .none ? table.peerName(of: stream) : peer.description
  }

  /// TLS is spoken with the client.
  func isSecure(_ stream: StreamID) -> Bool { self[stream].peer.version != .none }
}
