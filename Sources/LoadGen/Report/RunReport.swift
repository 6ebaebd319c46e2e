import JSONText
import Measurement

/// A finished run: what was planned, what was measured, and the verdict.
struct RunReport {
  let plan: Plan
  let figures: RunFigures
  let startedUnixMilliseconds: Int64
  let started: String
  let seconds: Double
  let processes: Int
  let outcomes: [Assertion.Outcome]

  var passes: Bool { outcomes.allSatisfy(\.ok) }

  /// A generator at its own limit measures itself.
  var isBottleneck: Bool {
    let busy = Double(figures.cpuNanoseconds) / 1e9 / max(seconds, 0.001) / Double(max(processes, 1))
    return busy > 0.9 || (figures.sent > 0 && figures.lateSends * 50 > figures.sent)
  }

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
    json.member("url", plan.target.url)
    json.member("started", started)
    json.member("seconds", rounded(seconds))
    json.object("plan") { write(plan: &$0) }
    json.object("sockets") { write(sockets: &$0) }
    json.object("messages") { write(messages: &$0) }
    json.object("latency_us") { latency in
      latency.object("intended") { $0.microseconds(figures.intended) }
      latency.object("service") { $0.microseconds(figures.service) }
    }
    json.object("connect_us") { $0.microseconds(figures.connect) }
    json.object("drops") { drops in
      drops.member("total", figures.drops.total)
      drops.object("by_cause") { $0.tally(figures.drops) }
    }
    json.object("reconnects") { write(reconnects: &$0) }
    json.array("restarts") { _ in }
    json.object("generator") { write(generator: &$0) }
    json.array("assertions") { list in
      for outcome in outcomes {
        list.beginObject()
        list.member("text", outcome.text)
        list.member("value", rounded(outcome.value))
        list.member("ok", outcome.ok)
        list.endObject()
      }
    }
    json.endObject()
    return json.text + "\n"
  }

  private func write(plan json: inout JSONWriter) {
    json.member("sockets", plan.sockets)
    json.member("duration_s", Double(plan.duration.components.seconds))
    json.member("rate", plan.rate)
    json.member("send_rate", plan.sendRate)
    json.member("size", plan.size)
    json.member("reconnect", plan.reconnectText)
    json.member("compression", plan.deflate ? "deflate" : "none")
    json.member("seed", plan.seed)
    json.member("model", "open")
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
  }

  private func write(reconnects json: inout JSONWriter) {
    json.member("total", figures.reconnect.count)
    json.object("us") { $0.microseconds(figures.reconnect) }
    json.object("failed") { $0.tally(figures.reconnectFailures) }
    json.array("herd_per_100ms") { list in for bin in figures.herd.bins { list.integer(bin) } }
  }

  private func write(generator json: inout JSONWriter) {
    json.member("processes", processes)
    json.member("cpu_us_per_message", rounded(cpuMicrosecondsPerMessage))
    json.member("bytes_per_socket", figures.residentBytes / max(1, figures.heldMost))
    json.member("late_sends", figures.lateSends)
    json.member("held_back", figures.heldBack)
    json.member("longest_turn_us", figures.longestTurnNanoseconds / 1000)
    json.member("bottleneck", isBottleneck)
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension JSONWriter {
  fileprivate mutating func microseconds(_ histogram: Histogram) {
    member("count", histogram.count)
    member("mean", (histogram.mean / 100).rounded() / 10)
    member("p50", histogram.percentile(50) / 1000)
    member("p90", histogram.percentile(90) / 1000)
    member("p99", histogram.percentile(99) / 1000)
    member("p999", histogram.percentile(99.9) / 1000)
    member("max", histogram.max / 1000)
  }
}
