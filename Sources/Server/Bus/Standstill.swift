import FleetState

/// Whether a bus stands still in the stream, so that sockets can pass between workers at one place of it.
enum Standstill {
  case no
  /// To be told once it stands: between two batches, or with nothing left that was read.
  case wished(Rest, (EntryID) -> Void)
  case still

  enum Rest { case betweenBatches, withNothingLeft }

  var isStill: Bool {
    switch self {
    case .no, .wished: false
    case .still: true
    }
  }

  func wish(_ rest: Rest) -> ((EntryID) -> Void)? {
    switch self {
    case .wished(rest, let told): told
    case .no, .wished, .still: nil
    }
  }
}
