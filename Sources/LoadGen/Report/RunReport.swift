import EventLoop
import JSONText
import Measurement

/// A finished run: what was planned, what was measured, and the verdict.
struct RunReport {
  let plan: Plan
  let figures: RunFigures
  let series: RunSeries
  let startedUnixMilliseconds: Int64
  let started: String
  let seconds: Double
  /// When it was ended before its time, in seconds of the run.
  var stoppedAt: Double?
  let processes: Int
  /// Who held the sockets, of a run with agents.
  var agents: [AgentPart] = []
  let outcomes: [Assertion.Outcome]
  let restarts: [RestartRecord]
  /// Generators that gave no report.
  let failures: [String]
  let machine: TestBed

  /// What keeps the figures from being those of the run that was asked for.
  var troubles: [String] { failures + restarts.compactMap(\.trouble) }

  /// Everything that speaks against the run.
  var reasons: [String] { outcomes.compactMap(\.reason) + troubles }

  var passes: Bool { reasons.isEmpty }

  /// Where there was nothing to measure.
  var whyNoneOpened: String {
    if figures.failed.total == 0 { return "the run ended before" }
    if figures.starved >= figures.failed.total {
      return "this machine had no address, port or descriptor left"
    }
    guard let cause = figures.failed.sorted.first?.cause else { return "unknown" }
    return cause.text
      + (cause == .protocolError ? ", its answer to the handshake is none of a WebSocket server" : "")
  }

  /// A generator at its own limit measures itself.
  var isBottleneck: Bool { !figures.strained.isEmpty }

  var cpuMicrosecondsPerMessage: Double {
    let messages = figures.sent + figures.received
    return messages == 0 ? 0 : Double(figures.cpuNanoseconds) / 1000 / Double(messages)
  }

  /// The object other tools rely on (CONTRACT 7).
  func json() -> String {
    var json = JSONWriter(style: .pretty)
    json.beginObject()
    json.member("schema", 1)
    json.member("verdict", passes ? "pass" : "fail")
    json.array("reasons") { list in for reason in reasons { list.string(reason) } }
    json.member("url", plan.target.url)
    json.member("started", started)
    json.member("seconds", rounded(seconds))
    json.member("stopped_at", orNull: stoppedAt.map(rounded))
    json.object("plan") { write(plan: &$0) }
    json.object("sockets") { write(sockets: &$0) }
    json.object("messages") { write(messages: &$0) }
    if plan.mode == .sluice { json.object("sluice") { write(sluice: &$0) } }
    json.object("latency_us") { latency in
      latency.object("intended") { $0.microseconds(figures.intended) }
      latency.object("service") { $0.microseconds(figures.service) }
      if restarts.isEmpty { return }
      latency.object("steady") { $0.microseconds(figures.steady) }
      latency.object("during") { $0.microseconds(figures.during) }
    }
    json.object("freeze_us") { write(freeze: &$0) }
    json.object("blackout_us") { $0.microseconds(figures.blackouts) }
    json.object("connect_us") { $0.microseconds(figures.connect) }
    json.object("drops") { drops in
      drops.member("total", figures.drops.total)
      drops.object("by_cause") { $0.tally(figures.drops) }
    }
    json.object("reconnects") { write(reconnects: &$0) }
    json.array("restarts") { list in
      for (number, record) in restarts.enumerated() { write(record, number, to: &list) }
    }
    json.array("faults") { list in
      for fault in figures.faults.list {
        list.beginObject()
        list.member("kind", fault.kind.rawValue)
        list.member("socket", fault.socket)
        list.member("message", fault.sequence)
        list.endObject()
      }
    }
    json.object("timeline") { write(timeline: &$0) }
    json.object("series") { series.write(to: &$0) }
    json.object("histograms_ns") { write(histograms: &$0) }
    json.object("generator") { write(generator: &$0) }
    json.object("machine") { machine.write(to: &$0) }
    json.array("assertions") { list in
      for outcome in outcomes {
        list.beginObject()
        list.member("text", outcome.text)
        list.member("value", orNull: outcome.value.map(rounded))
        list.member("limit", orNull: outcome.limit.map(rounded))
        list.member("unit", outcome.isTime ? "us" : "count")
        list.member("ok", outcome.ok)
        if let reason = outcome.reason { list.member("reason", reason) }
        list.endObject()
      }
    }
    json.endObject()
    return json.text + "\n"
  }

  private func write(plan json: inout JSONWriter) {
    json.member("sockets", plan.sockets)
    json.member("duration_s", rounded(Double(plan.duration.wholeNanoseconds) / 1e9))
    json.member("rate", plan.rate)
    json.member("send_rate", plan.sendRate)
    json.member("tick_us", plan.tick.wholeNanoseconds / 1000)
    json.member("mode", plan.mode.rawValue)
    json.member("size", rounded(plan.sizes.mean))
    json.member("sizes", plan.sizes.text)
    json.member("cut", plan.cut)
    json.member("reconnect", plan.reconnectText)
    json.member("compression", plan.deflate ? "deflate" : "none")
    json.member("seed", plan.seed)
    json.member("model", "open")
    json.array("arguments") { list in for argument in plan.arguments { list.string(argument) } }
  }

  private func write(sockets json: inout JSONWriter) {
    json.member("wanted", figures.wanted)
    json.member("opened", figures.opened)
    json.member("held_max", figures.heldMost)
    json.member("open_at_end", figures.openAtEnd)
    json.object("failed") { $0.tally(figures.failed) }
  }

  private func write(messages json: inout JSONWriter) {
    json.member("sent", figures.sent)
    json.member("received", figures.received)
    json.member("lost", figures.lost)
    json.member("duplicated", figures.duplicated)
    json.member("reordered", figures.reordered)
    json.member("corrupt", figures.corrupt)
    json.member("foreign", figures.foreign)
    json.member("cut", figures.cut)
    json.member("unsent", figures.unsent)
    json.member("overdue", figures.overdue)
    json.member("published", figures.published)
    json.member("unpublished", figures.unpublished)
  }

  private func write(sluice json: inout JSONWriter) {
    json.member("acked", figures.acked)
    json.member("unreceipted", figures.unreceipted)
    json.member("refused", figures.refused)
    json.member("told_lost", figures.toldLost)
    json.member("resumed", figures.resumed)
    json.member("recovered", figures.recovered)
    json.member("unrecovered", figures.unrecovered)
    json.member("moved", figures.moved)
  }

  /// The longest silence of each socket while it waited for an answer or to come back, over all sockets. A socket
  /// notices nothing between its messages, hence how often each was asked.
  private func write(freeze json: inout JSONWriter) {
    json.member("sockets", figures.freeze.count)
    json.member("p50", figures.freeze.percentile(50) / 1000)
    json.member("p99", figures.freeze.percentile(99) / 1000)
    json.member("max", figures.freeze.max / 1000)
    json.member("max_at", rounded(Double(figures.outage.beganAt) / 1e9))
    json.member("sockets_over_10ms", figures.frozen)
    json.member("asked_every", orNull: plan.schedule.period.map { Double($0 / 1000) })
  }

  private func write(_ record: RestartRecord, _ number: Int, to json: inout JSONWriter) {
    json.beginObject()
    json.member("kind", record.restart.name)
    if let command = record.restart.command { json.member("command", command) }
    json.member("at", rounded(Double(record.began) / 1e9))
    json.member("done", orNull: record.done.map { rounded(Double($0) / 1e9) })
    json.member(
      "latency_back_after", orNull: figures.recovery.time(after: number).map { rounded(Double($0) / 1e9) })
    json.member("exit", orNull: record.exitCode.map { Double($0) })
    if let pid = record.pid { json.member("pid", pid) }
    if let trouble = record.trouble { json.member("trouble", trouble) }
    json.endObject()
  }

  /// Counts per step since the run began, on the axis `restarts` is told on.
  private func write(timeline json: inout JSONWriter) {
    json.timeline("answers", figures.answers)
    json.timeline("answers_over_10ms", figures.slowAnswers)
    json.timeline("drops", figures.dropTimes)
  }

  private func write(reconnects json: inout JSONWriter) {
    json.member("total", figures.reconnect.count)
    json.object("us") { $0.microseconds(figures.reconnect) }
    json.object("failed") { $0.tally(figures.reconnectFailures) }
    json.array("herd_per_100ms") { list in for bin in figures.herd.bins { list.integer(bin) } }
  }

  private func write(histograms json: inout JSONWriter) {
    for (name, histogram) in [
      ("intended", figures.intended), ("service", figures.service), ("connect", figures.connect),
      ("reconnect", figures.reconnect), ("freeze", figures.freeze),
    ] {
      json.column(name) { list in
        for word in histogram.encoded { list.integer(Int64(bitPattern: word)) }
      }
    }
  }

  private func write(generator json: inout JSONWriter) {
    json.member("processes", processes)
    if !agents.isEmpty { json.array("agents") { list in for agent in agents { agent.write(to: &list) } } }
    json.array("failures") { list in for failure in failures { list.string(failure) } }
    json.member("cpu_us_per_message", rounded(cpuMicrosecondsPerMessage))
    json.member("bytes_per_socket", figures.residentBytes / max(1, figures.heldMost))
    json.member("late_sends", figures.lateSends)
    json.member("held_back", figures.heldBack)
    json.member("longest_turn_us", figures.longestTurnNanoseconds / 1000)
    json.member("starved", figures.starved)
    json.member("bottleneck", isBottleneck)
    json.array("bottleneck_s") { list in
      for span in figures.strained {
        list.beginArray()
        list.integer(span.lowerBound)
        list.integer(span.upperBound)
        list.endArray()
      }
    }
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension JSONWriter {
  fileprivate mutating func member(_ name: String, orNull value: Double?) {
    self.name(name)
    if let value { number(value) } else { null() }
  }

  fileprivate mutating func timeline(_ name: String, _ timeline: Timeline) {
    object(name) { json in
      json.member("step_s", timeline.stepNanoseconds / 1_000_000_000)
      json.array("counts") { list in for count in timeline.steps { list.integer(count) } }
    }
  }

  mutating func microseconds(_ histogram: Histogram) {
    member("count", histogram.count)
    member("mean", (histogram.mean / 100).rounded() / 10)
    member("p50", histogram.percentile(50) / 1000)
    member("p90", histogram.percentile(90) / 1000)
    member("p99", histogram.percentile(99) / 1000)
    member("p999", histogram.percentile(99.9) / 1000)
    member("max", histogram.max / 1000)
  }
}
