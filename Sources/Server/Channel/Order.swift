import FleetState

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

  /// With a descriptor: one end of a leash. The worker gives the other end a hold of its sockets; a standby keeps them
  /// for that worker.
  case tie(Tie)
  /// Your worker is dead: go on with its sockets.
  case takeOver(Death)
  /// You will be offered the slot in a moment.
  case prepare
  /// Let the process of this generation, which has all your sockets, serve them.
  case handOver(to: UInt32)
  /// With a descriptor: one end of a line to another slot's worker, which is to have some of your sockets.
  case give(count: Int, to: Int)
  /// With the other end: the worker of that slot gives you some of its own.
  case receive(from: Int)
  /// Say whether what you hold is what you say you hold.
  case audit(fixing: Bool)
  /// You are not needed any more: go, and touch nothing.
  case retire

  enum Ending: String { case paced, forced }

  /// How a worker died.
  enum Death: String {
    /// From outside: what it was doing has nothing to do with it.
    case killed
    /// Of what it was doing.
    case fault
  }

  enum DrainEnd: String {
    /// The last socket was gone before its time.
    case complete
    case forced
  }
}

extension Order {
  /// A part in moving sockets from one slot to another; the line to the other worker comes with it.
  var isMove: Bool {
    switch self {
    case .give, .receive: true
    case .begin, .drain, .resume, .close, .progress, .stop, .cover, .uncover, .told, .tie, .takeOver,
      .prepare, .handOver, .audit, .retire:
      false
    }
  }
}

/// What a worker tells the supervisor.
enum Word: Equatable {
  case ready
  /// A standby has a hold of every socket its worker had when they were tied together.
  case kept
  /// A successor has done beforehand what can be done.
  case prepared
  /// A standby or successor serves the slot now.
  case serving(Succession)
  case audited(AuditWord)
  /// To a supervisor that follows another: who we are.
  case registered(Registration)
  /// A successor has not taken over in time, or could not: the worker goes on.
  case unchanged(reason: String)
  case draining(number: UInt32)
  case told(Told)
  case gave(Gift)
}

/// Who is at the other end of a leash.
struct Tie: Equatable {
  var generation: UInt32
  var pid: Int32
  /// The other end is the worker; else it is the one to be given hold.
  var isWorker: Bool
}

/// What one process found in its own books.
struct AuditWord: Equatable {
  var checked: Int
  var gaps: [Audit.Gap]
  /// Of a standby: how many sockets it has a hold of. Nil for the worker.
  var kept: Int?
}

/// A process that has outlived its supervisor.
struct Registration: Equatable {
  var assignment: Assignment
  var pid: Int32
  var isServing: Bool
  /// It stands by, and has a hold of everything.
  var keepsAll: Bool
}

/// How a slot changed hands.
struct Succession: Equatable {
  var sockets: Int
  /// Open, but nobody had kept them.
  var missing: Int
  /// Reset, because their records made no sense.
  var broken: Int
  /// From the moment it was to begin until the last socket was watched again.
  var micros: Int
  /// It was given, not left by a dead worker.
  var isPlanned: Bool
  /// One socket was closed because the worker before died of what it sent.
  var hadSuspect: Bool
}

extension Succession {
  var sentence: String {
    let freeze = Duration.microseconds(micros).words
    let go = sockets == 1 ? "goes" : "go"
    var text = "\(counted(sockets, "socket")) \(go) on in another process after \(freeze)"
    if missing + broken > 0 { text += ", \(missing + broken) were lost" }
    if hadSuspect { text += ", 1 was closed because the worker failed on what it sent" }
    return text
  }
}

/// What a worker has given another, at the end of it.
struct Gift: Equatable {
  var to: Int
  var sockets: Int
  /// The longest time that a socket was not heard.
  var micros: Int
  /// There was nothing (more) to give: the sockets it has cannot be moved.
  var isAll = false
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
  /// It begins with nobody, or it waits for what another process leaves.
  enum Role: String { case worker, standby }

  var role: Role
  /// How many streams the slot's pages have room for.
  var streams: Int
  var slot: Int
  var generation: UInt32
  var slots: Int
  var host: String
  /// Where what outlives the server is kept.
  var state: String
  var redis: String
  /// How many addresses each slot listens on; their descriptors follow the board's, slot by slot.
  var addresses: Int
  /// By which connections from a gate are known, on the last of the addresses; nil without a gate.
  var pass: GatePass?
  var listensPublicly: Bool
  /// Where a supervisor is found that follows this one.
  var controlPath: String
  /// The settings as flags, to be read the same way the supervisor read them.
  var arguments: [String]
}
