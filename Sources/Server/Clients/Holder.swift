import FleetState

/// The socket that holds a client's name, wherever in the fleet: `host/slot/life/connection`.
struct Holder: Equatable, CustomStringConvertible {
  let host: Name
  let slot: Int
  /// Of the slot's pages; connections count from there.
  let life: UInt64
  let connection: UInt64

  init(host: Name, slot: Int, life: UInt64, connection: UInt64) {
    self.host = host
    self.slot = slot
    self.life = life
    self.connection = connection
  }

  init?(_ text: String) {
    let words = text.split(separator: "/", omittingEmptySubsequences: false)
    guard words.count == 4, let host = Name(words[0]), let slot = Int(words[1]), (0..<1024).contains(slot),
      let life = UInt64(words[2]), let connection = UInt64(words[3])
    else { return nil }
    self.init(host: host, slot: slot, life: life, connection: connection)
  }

  var description: String { "\(host)/\(slot)/\(life)/\(connection)" }
}
