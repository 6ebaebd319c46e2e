import Bytes
import JSONText

/// What the supervisor tells a gate.
enum GateOrder: Equatable {
  /// The first one.
  case begin(GateAssignment)
  /// Read certificate and key anew, for those who come from now on.
  case renew(CertificateFiles)
  /// Accept nobody any more, and go when the last one has gone.
  case retire
  /// The server ends: let what waits leave, then go.
  case stop
}

/// What a gate tells the supervisor.
enum GateWord: Equatable {
  /// It accepts.
  case ready
  /// It cannot serve with these files, and goes on as it was.
  case refused(reason: String)
  /// To a supervisor that follows another: who we are. With the descriptors of board and listeners.
  case registered(GateRegistration)
}

struct GateAssignment: Equatable {
  var slot: Int
  var generation: UInt32
  var slots: Int
  /// How many addresses each slot's gate listens on; their descriptors follow the board's, slot by slot.
  var addresses: Int
  var pass: GatePass
  var files: CertificateFiles
  var logLevel: String
  var logFormat: String
  /// Where a supervisor is found that follows this one.
  var controlPath: String
}

struct GateRegistration: Equatable {
  var assignment: GateAssignment
  var pid: Int32
  var isRetired: Bool
}

extension GateOrder {
  var packet: [UInt8] {
    switch self {
    case .begin(let assignment): Packet.write("gate-begin", assignment.fields)
    case .renew(let files): Packet.write("gate-renew", files.fields)
    case .retire: Packet.write("gate-retire", [])
    case .stop: Packet.write("gate-stop", [])
    }
  }

  /// Nil for what this build does not understand.
  init?(_ packet: Span<UInt8>) {
    guard let packet = Packet(packet) else { return nil }
    switch packet.verb {
    case "gate-begin":
      guard let assignment = GateAssignment(packet) else { return nil }
      self = .begin(assignment)
    case "gate-renew":
      guard let files = CertificateFiles(packet) else { return nil }
      self = .renew(files)
    case "gate-retire": self = .retire
    case "gate-stop": self = .stop
    default: return nil
    }
  }
}

extension GateWord {
  var packet: [UInt8] {
    switch self {
    case .ready: Packet.write("gate-ready", [])
    case .refused(let reason): Packet.write("gate-refused", [.init("reason", .string(reason))])
    case .registered(let registration):
      Packet.write(
        "gate-registered",
        registration.assignment.fields + [
          .init("pid", registration.pid), .init("retired", .bool(registration.isRetired)),
        ])
    }
  }

  init?(_ packet: Span<UInt8>) {
    guard let packet = Packet(packet) else { return nil }
    switch packet.verb {
    case "gate-ready": self = .ready
    case "gate-refused": self = .refused(reason: packet.string("reason") ?? "")
    case "gate-registered":
      guard let assignment = GateAssignment(packet), let pid = packet.integer("pid", as: Int32.self),
        let isRetired = packet.value["retired"]?.bool
      else { return nil }
      self = .registered(GateRegistration(assignment: assignment, pid: pid, isRetired: isRetired))
    default: return nil
    }
  }
}

extension CertificateFiles {
  fileprivate var fields: [JSONValue.Member] {
    [.init("certificate", .string(certificate)), .init("key", .string(key))]
  }

  fileprivate init?(_ packet: Packet) {
    guard let certificate = packet.string("certificate"), let key = packet.string("key") else { return nil }
    self.init(certificate: certificate, key: key)
  }
}

extension GateAssignment {
  fileprivate var fields: [JSONValue.Member] {
    [
      .init("slot", slot), .init("generation", generation), .init("slots", slots),
      .init("addresses", addresses), .init("pass", .string(pass.text)),
      .init("level", .string(logLevel)), .init("format", .string(logFormat)),
      .init("control", .string(controlPath)),
    ] + files.fields
  }

  fileprivate init?(_ packet: Packet) {
    guard let slot = packet.integer("slot"), let generation = packet.integer("generation", as: UInt32.self),
      let slots = packet.integer("slots"), let addresses = packet.integer("addresses"),
      let pass = packet.string("pass").flatMap(GatePass.init(text:)), let files = CertificateFiles(packet),
      let level = packet.string("level"), let format = packet.string("format"),
      let control = packet.string("control"), slot >= 0, slot < slots, slots <= 1024,
      (1...1024).contains(addresses)
    else { return nil }
    self.init(
      slot: slot, generation: generation, slots: slots, addresses: addresses, pass: pass, files: files,
      logLevel: level, logFormat: format, controlPath: control)
  }
}
