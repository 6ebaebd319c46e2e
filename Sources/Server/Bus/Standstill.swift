import FleetState

/// Whether a bus stands still in the stream, so that sockets can pass between workers at one place of it.
enum Standstill {
  case no
  case wished((EntryID) -> Void)
  case still

  var isStill: Bool {
    switch self {
    case .no, .wished: false
    case .still: true
    }
  }

  var wish: ((EntryID) -> Void)? {
    switch self {
    case .wished(let told): told
    case .no, .still: nil
    }
  }
}
