import FleetState

/// Which of all sockets are looked for: those of a hall, and those in whose row a text is found.
struct SocketFilter: Equatable, Sendable {
  var hall: Hall?
  /// The case of letters does not matter.
  var text = ""

  var isEmpty: Bool { hall == nil && text.isEmpty }

  func matches(_ line: SocketLine) -> Bool {
    if let hall, line.socket.hall != hall { return false }
    if text.isEmpty { return true }
    let sought = text.lowercased()
    return line.name.lowercased().contains(sought) || line.socket.peer.lowercased().contains(sought)
      || (line.socket.client?.text.lowercased().contains(sought) ?? false)
      || line.socket.hall.name.contains(sought)
  }
}
