import Bytes
import JSONText

extension Order {
  /// As it crosses the channel.
  var packet: [UInt8] { Packet.write(verb, fields) }

  private var verb: String {
    switch self {
    case .begin: "begin"
    case .drain: "drain"
    case .resume: "resume"
    case .close: "close"
    case .progress: "progress"
    case .stop: "stop"
    case .cover: "cover"
    case .uncover: "uncover"
    case .told: "told"
    case .tie: "tie"
    case .takeOver: "take-over"
    case .prepare: "prepare"
    case .handOver: "hand-over"
    case .give: "give"
    case .receive: "receive"
    case .audit: "audit"
    case .retire: "retire"
    }
  }

  private var fields: [JSONValue.Member] {
    switch self {
    case .begin(let assignment): assignment.fields
    case .drain(let number, let timeout): [.init("number", number), .init("timeout", timeout)]
    case .resume: []
    case .close(let count, let ending): [.init("count", count), .init("ending", .string(ending.rawValue))]
    case .progress(let sockets, let remaining): [.init("sockets", sockets), .init("remaining", remaining)]
    case .stop(let how): [.init("how", .string(how.rawValue))]
    case .cover(let slot), .uncover(let slot): [.init("slot", slot)]
    case .told(let told): told.fields
    case .tie(let tie):
      [.init("generation", tie.generation), .init("pid", tie.pid), .init("worker", .bool(tie.isWorker))]
    case .takeOver(let death): [.init("death", .string(death.rawValue))]
    case .handOver(let generation): [.init("to", generation)]
    case .give(let count, let slot): [.init("count", count), .init("to", slot)]
    case .receive(let slot): [.init("from", slot)]
    case .audit(let isFixing): [.init("fixing", .bool(isFixing))]
    case .prepare, .retire: []
    }
  }

  /// Nil for what this build does not understand.
  init?(_ packet: Span<UInt8>) {
    guard let packet = Packet(packet) else { return nil }
    switch packet.verb {
    case "begin":
      guard let assignment = Assignment(packet) else { return nil }
      self = .begin(assignment)
    case "drain":
      guard let number = packet.integer("number", as: UInt32.self), let timeout = packet.integer("timeout")
      else {
        return nil
      }
      self = .drain(number: number, timeoutSeconds: timeout)
    case "resume": self = .resume
    case "close":
      guard let count = packet.integer("count"), let ending = packet.string("ending").flatMap(Ending.init)
      else {
        return nil
      }
      self = .close(count: count, ending)
    case "progress":
      guard let sockets = packet.integer("sockets"), let remaining = packet.integer("remaining") else {
        return nil
      }
      self = .progress(sockets: sockets, remainingSeconds: remaining)
    case "stop":
      guard let how = packet.string("how").flatMap(DrainEnd.init) else { return nil }
      self = .stop(how)
    case "cover", "uncover":
      guard let slot = packet.integer("slot") else { return nil }
      self = packet.verb == "cover" ? .cover(slot: slot) : .uncover(slot: slot)
    case "told":
      guard let told = Told(packet) else { return nil }
      self = .told(told)
    case "tie":
      guard let generation = packet.integer("generation", as: UInt32.self),
        let pid = packet.integer("pid", as: Int32.self), let isWorker = packet.value["worker"]?.bool
      else { return nil }
      self = .tie(Tie(generation: generation, pid: pid, isWorker: isWorker))
    case "take-over":
      guard let death = packet.string("death").flatMap(Death.init) else { return nil }
      self = .takeOver(death)
    case "hand-over":
      guard let generation = packet.integer("to", as: UInt32.self) else { return nil }
      self = .handOver(to: generation)
    case "give":
      guard let count = packet.integer("count"), let slot = packet.integer("to") else { return nil }
      self = .give(count: count, to: slot)
    case "receive":
      guard let slot = packet.integer("from") else { return nil }
      self = .receive(from: slot)
    case "prepare": self = .prepare
    case "audit": self = .audit(fixing: packet.value["fixing"]?.bool == true)
    case "retire": self = .retire
    default: return nil
    }
  }
}

extension Word {
  var packet: [UInt8] {
    switch self {
    case .ready: Packet.write("ready", [])
    case .kept: Packet.write("kept", [])
    case .prepared: Packet.write("prepared", [])
    case .serving(let succession): Packet.write("serving", succession.fields)
    case .audited(let word): Packet.write("audited", word.fields)
    case .registered(let registration): Packet.write("registered", registration.fields)
    case .unchanged(let reason): Packet.write("unchanged", [.init("reason", .string(reason))])
    case .draining(let number): Packet.write("draining", [.init("number", number)])
    case .told(let told): Packet.write("told", told.fields)
    case .gave(let gift):
      Packet.write(
        "gave",
        [
          .init("to", gift.to), .init("sockets", gift.sockets), .init("micros", gift.micros),
          .init("all", .bool(gift.isAll)),
        ])
    }
  }

  init?(_ packet: Span<UInt8>) {
    guard let packet = Packet(packet) else { return nil }
    switch packet.verb {
    case "ready": self = .ready
    case "kept": self = .kept
    case "prepared": self = .prepared
    case "serving":
      guard let succession = Succession(packet) else { return nil }
      self = .serving(succession)
    case "audited":
      guard let word = AuditWord(packet) else { return nil }
      self = .audited(word)
    case "registered":
      guard let registration = Registration(packet) else { return nil }
      self = .registered(registration)
    case "unchanged": self = .unchanged(reason: packet.string("reason") ?? "")
    case "draining":
      guard let number = packet.integer("number", as: UInt32.self) else { return nil }
      self = .draining(number: number)
    case "told":
      guard let told = Told(packet) else { return nil }
      self = .told(told)
    case "gave":
      guard let slot = packet.integer("to"), let sockets = packet.integer("sockets"),
        let micros = packet.integer("micros"), let isAll = packet.value["all"]?.bool
      else { return nil }
      self = .gave(Gift(to: slot, sockets: sockets, micros: micros, isAll: isAll))
    default: return nil
    }
  }
}

extension AuditWord {
  fileprivate var fields: [JSONValue.Member] {
    let gaps = gaps.map { gap in
      JSONValue.object([
        .init("kind", .string(gap.kind.rawValue)), .init("count", gap.count), .init("fixed", gap.fixed),
      ])
    }
    return [.init("checked", checked), .init("gaps", .array(gaps))] + (kept.map { [.init("kept", $0)] } ?? [])
  }

  fileprivate init?(_ packet: Packet) {
    guard let checked = packet.integer("checked") else { return nil }
    let gaps = (packet.value["gaps"]?.elements ?? []).compactMap { gap -> Audit.Gap? in
      guard let kind = gap["kind"]?.string.flatMap(Audit.Gap.Kind.init), let count = gap["count"]?.integer,
        let fixed = gap["fixed"]?.integer
      else { return nil }
      return Audit.Gap(kind: kind, count: Int(count), fixed: Int(fixed))
    }
    self.init(checked: checked, gaps: gaps, kept: packet.integer("kept"))
  }
}

extension Registration {
  fileprivate var fields: [JSONValue.Member] {
    assignment.fields + [
      .init("pid", pid), .init("serving", .bool(isServing)), .init("keeps", .bool(keepsAll)),
    ]
  }

  fileprivate init?(_ packet: Packet) {
    guard let assignment = Assignment(packet), let pid = packet.integer("pid", as: Int32.self),
      let isServing = packet.value["serving"]?.bool, let keepsAll = packet.value["keeps"]?.bool
    else { return nil }
    self.init(assignment: assignment, pid: pid, isServing: isServing, keepsAll: keepsAll)
  }
}

extension Succession {
  fileprivate var fields: [JSONValue.Member] {
    [
      .init("sockets", sockets), .init("missing", missing), .init("broken", broken), .init("micros", micros),
      .init("planned", .bool(isPlanned)), .init("suspect", .bool(hadSuspect)),
    ]
  }

  fileprivate init?(_ packet: Packet) {
    guard let sockets = packet.integer("sockets"), let missing = packet.integer("missing"),
      let broken = packet.integer("broken"), let micros = packet.integer("micros"),
      let isPlanned = packet.value["planned"]?.bool, let hadSuspect = packet.value["suspect"]?.bool
    else { return nil }
    self.init(
      sockets: sockets, missing: missing, broken: broken, micros: micros, isPlanned: isPlanned,
      hadSuspect: hadSuspect)
  }
}

extension Told {
  fileprivate var fields: [JSONValue.Member] {
    [.init("slot", slot), .init("request", request), .init("total", total), .init("failed", failed)]
  }

  fileprivate init?(_ packet: Packet) {
    guard let slot = packet.integer("slot"), let request = packet.integer("request", as: UInt64.self),
      let total = packet.integer("total"), let failed = packet.integer("failed")
    else { return nil }
    self.init(slot: slot, request: request, total: total, failed: failed)
  }
}

extension Assignment {
  fileprivate var fields: [JSONValue.Member] {
    [
      .init("role", .string(role.rawValue)), .init("streams", streams),
      .init("slot", slot), .init("generation", generation), .init("slots", slots),
      .init("host", .string(host)), .init("state", .string(state)),
      .init("redis", .string(redis)), .init("addresses", addresses), .init("public", .bool(listensPublicly)),
      .init("pass", .string(pass?.text ?? "")),
      .init("control", .string(controlPath)),
      .init("arguments", .array(arguments.map { .string($0) })),
    ]
  }

  fileprivate init?(_ packet: Packet) {
    guard let slot = packet.integer("slot"), let generation = packet.integer("generation", as: UInt32.self),
      let slots = packet.integer("slots"), let host = packet.string("host"),
      let state = packet.string("state"), let redis = packet.string("redis"),
      let addresses = packet.integer("addresses"), let control = packet.string("control"),
      let isPublic = packet.value["public"]?.bool,
      let role = packet.string("role").flatMap(Role.init), let streams = packet.integer("streams"),
      slot >= 0, slot < slots, addresses > 0, (64..<(1 << 20)).contains(streams)
    else { return nil }
    self.init(
      role: role, streams: streams, slot: slot, generation: generation, slots: slots, host: host,
      state: state, redis: redis, addresses: addresses,
      pass: packet.string("pass").flatMap(GatePass.init(text:)), listensPublicly: isPublic,
      controlPath: control,
      arguments: packet.value["arguments"]?.elements.compactMap(\.string) ?? [])
  }
}

/// One JSON object with a verb: both ends are ours, but after an upgrade not of the same build.
struct Packet {
  let verb: String
  let value: JSONValue

  init?(_ bytes: Span<UInt8>) {
    guard let value = try? JSONValue.read(bytes), let verb = value["verb"]?.string else { return nil }
    self.verb = verb
    self.value = value
  }

  func string(_ name: String) -> String? { value[name]?.string }

  func integer<Number: FixedWidthInteger>(_ name: String, as: Number.Type = Int.self) -> Number? {
    value[name]?.integer.flatMap { Number(exactly: $0) }
  }

  static func write(_ verb: String, _ fields: [JSONValue.Member]) -> [UInt8] {
    Array(JSONValue.object([.init("verb", .string(verb))] + fields).text().utf8)
  }
}

extension JSONValue.Member {
  init(_ name: String, _ number: some FixedWidthInteger) {
    self.init(name, .integer(Int64(clamping: number)))
  }
}
