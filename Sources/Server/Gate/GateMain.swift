import EventLoop

/// How a gate process begins: with the listeners from descriptor 5 on.
enum GateMain {
  /// Nobody types it: the supervisor starts itself again with it.
  static let argument = "--as-gate"

  static func run() -> Int32 {
    ChildMain.run("gate") { packet in
      if case .begin(let assignment)? = GateOrder(packet) { assignment } else { nil }
    } begin: { assignment, loop, channel in
      try begin(assignment, loop, channel)
    }
  }

  private static func begin(
    _ assignment: GateAssignment, _ loop: EventLoop, _ channel: PacketChannel
  ) throws -> Gate {
    let log = Log(
      level: Log.Level(name: assignment.logLevel) ?? .info,
      format: assignment.logFormat == "json" ? .json : .text, service: "wsserver")
    let gate = try Gate(
      loop, line: Line(loop, channel, path: assignment.controlPath),
      board: Board(adopting: Descriptor(owning: ChildMain.boardNumber), slots: assignment.slots),
      assignment: assignment,
      numbers: (0..<Int32(assignment.slots * assignment.addresses)).map { ChildMain.ownNumbers + $0 },
      log: log)
    gate.start()
    return gate
  }
}
