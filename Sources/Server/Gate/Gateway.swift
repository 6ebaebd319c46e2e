import EventLoop
import FleetState

/// What gates stand on: the sockets wss clients connect to, the pass by which workers know them, and gates that a
/// supervisor before us has left.
struct Gateway {
  let listeners: Listeners
  let pass: GatePass
  let orphans: [Adoption.Gate]

  /// Opens the addresses, and beside the plain listeners one for the gates' own connections.
  init(_ addresses: [SocketAddress], slots: Int, beside plain: Listeners) throws(StartError) {
    listeners = Listeners(slots: slots)
    for address in addresses { try listeners.open(address) }
    guard let port = try plain.openInner(), let pass = GatePass(port: port) else {
      throw .unreachable("no random bytes for the gate")
    }
    self.pass = pass
    orphans = []
  }

  /// Those that gates have held open; without a gate they are opened anew, as far as that can be.
  init(adopting found: Adoption.Found, pass: GatePass, asked: [SocketAddress], log: Log) {
    let slots = found.first.registration.assignment.slots
    self.pass = pass
    orphans = found.gates
    if let addresses = found.gates.first?.registration.assignment.addresses {
      listeners = Listeners(adopting: found.gateListeners, slots: slots, count: addresses, asked: asked)
      return
    }
    listeners = Listeners(slots: slots)
    for address in asked {
      do throws(StartError) { try listeners.open(address) } catch {
        log.error("no wss on \(address): \(error.text)", event: "gate_listener")
      }
    }
  }

  var names: [String] { listeners.addresses.map { "wss://\($0)" } }
}
