/// What the supervisor tells a worker.
enum Order: Equatable {
  /// The first one: who the worker is and how it is to behave.
  case begin(Assignment)
  /// No new sockets from now on; those open now are what this drain accounts for.
  case drain(number: UInt32, timeoutSeconds: Int)
  case resume
  case close(count: Int, Ending)
  case progress(sockets: Int, remainingSeconds: Int)
  /// The drain is over: say so, let answers leave, exit.
  case stop(DrainEnd)
  /// Accept for a sibling that is not there, or stop to.
  case cover(slot: Int)
  case uncover(slot: Int)
  /// How another worker's sockets were told something this worker asked for.
  case told(Told)

  enum Ending: String { case paced, forced }

  enum DrainEnd: String {
    /// The last socket was gone before its time.
    case complete
    case forced
  }
}

/// What a worker tells the supervisor.
enum Word: Equatable {
  case ready
  case draining(number: UInt32)
  case told(Told)
}

/// How one broadcast reached the sockets of one worker; it finds its way to the worker that asked.
struct Told: Equatable {
  /// Slot and number of the request that waits for it.
  var slot: Int
  var request: UInt64
  var total: Int
  var failed: Int
}

/// A worker's place and the settings that hold for it.
struct Assignment: Equatable {
  var slot: Int
  var generation: UInt32
  var slots: Int
  var host: String
  var redis: String
  /// How many addresses each slot listens on; their descriptors follow the board's, slot by slot.
  var addresses: Int
  var listensPublicly: Bool
  /// The settings as flags, to be read the same way the supervisor read them.
  var arguments: [String]
}
