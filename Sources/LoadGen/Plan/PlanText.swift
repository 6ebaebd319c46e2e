import EventLoop
import Measurement

/// A plan in words (`--dry-run`): what would be done, and how to have the very same done again.
enum PlanText {
  static func text(_ plan: Plan, addresses: [SocketAddress]) -> String {
    let end = plan.duration.wholeNanoseconds
    var lines = [
      row("target", plan.target.url),
      row("addresses", addresses.map(\.description).joined(separator: ", ")),
      row(
        "mode",
        plan.mode.rawValue + (plan.mode == .fanout ? ", published by \(plan.publishing.rawValue)" : "")),
      row("seed", "\(plan.seed)"),
      plan.agents > 0
        ? row("agents", "\(plan.agents)") : row("processes", "\(Crew.size(plan, sockets: plan.sockets))"),
      row(
        "sockets", "\(Number.grouped(plan.sockets)), the first phase open at \(time(plan.course.openedBy))"),
      row("ends", time(end)),
    ]
    for (number, phase) in plan.course.phases.enumerated() where phase.begins < end {
      let rate = phase.schedule.period.map { 1e9 / Double($0) } ?? 0
      lines.append(
        row(
          "phase \(number + 1)",
          "from \(time(phase.begins)): \(Number.grouped(phase.sockets)) sockets, "
            + "\(Number.plain(rate)) messages a second each"))
    }
    lines.append(row("messages", "\(Number.grouped(Int(clamping: plan.messages))) at most"))
    lines.append(
      row("size", "\(plan.sizes.text), \(Number.plain(plan.sizes.mean.rounded())) bytes on average"))
    lines.append(row("reconnect", plan.reconnectText))
    for restart in plan.restarts { lines.append(row("restart", "\(restart.title) at \(time(restart.at))")) }
    for assertion in plan.assertions { lines.append(row("assert", assertion.text)) }
    lines.append(row("first sends", firstSends(plan)))
    return lines.joined(separator: "\n") + "\n"
  }

  /// Of the first sockets: proof that two runs with one seed are one plan.
  private static func firstSends(_ plan: Plan) -> String {
    let first = plan.course.phases[0]
    guard first.schedule.period != nil else { return "none" }
    return (0..<min(5, first.sockets)).map { "\($0) at \(time(first.schedule.phase(of: $0)))" }
      .joined(separator: ", ")
  }

  private static func row(_ name: String, _ text: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 13 - name.count)) + text
  }

  private static func time(_ nanoseconds: UInt64) -> String { Number.time(nanoseconds) }
  private static func time(_ duration: Duration) -> String { Number.time(duration.wholeNanoseconds) }
}
