import Bytes
package import JSONText

/// Figures on their way from one generator process to the one that reports.
extension RunFigures {
  package static let version: Int64 = 6

  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("version", Self.version)
    json.array("counts") { list in for field in Self.counts { list.integer(self[keyPath: field]) } }
    json.array("histograms") { list in
      for field in Self.histograms {
        list.beginArray()
        for word in self[keyPath: field].encoded { list.integer(Int64(bitPattern: word)) }
        list.endArray()
      }
    }
    json.object("failed") { $0.tally(failed) }
    json.object("drops") { $0.tally(drops) }
    json.object("reconnect_failures") { $0.tally(reconnectFailures) }
    json.array("herd") { list in for bin in herd.bins { list.integer(bin) } }
    json.member("beyond", herd.beyond)
    json.array("timelines") { list in
      for field in Self.timelines {
        list.beginArray()
        list.integer(self[keyPath: field].stepNanoseconds)
        for step in self[keyPath: field].steps { list.integer(step) }
        list.endArray()
      }
    }
    json.array("outage") { list in
      list.integer(Int64(clamping: outage.longestNanoseconds))
      list.integer(Int64(clamping: outage.beganAt))
    }
    json.array("faults") { list in for number in faults.encoded { list.integer(number) } }
    json.object("recovery") { $0.recovery(recovery) }
    json.member("cpu", Int64(clamping: cpuNanoseconds))
    json.member("turn", Int64(clamping: longestTurnNanoseconds))
    json.endObject()
  }

  /// Nil for anything another build, or a stranger, has written.
  package init?(_ text: Span<UInt8>) {
    let limits = JSONLimits(bytes: 16 << 20, depth: 8, values: 1_000_000)
    guard let json = try? JSONValue.read(text, limits: limits), json["version"]?.integer == Self.version,
      let counts = json["counts"]?.counts, counts.count == Self.counts.count,
      let histograms = json["histograms"]?.elements, histograms.count == Self.histograms.count,
      let failed = Tally(json["failed"]), let drops = Tally(json["drops"]),
      let reconnectFailures = Tally(json["reconnect_failures"]),
      let bins = json["herd"]?.counts, let beyond = json["beyond"]?.count,
      let herd = Herd(bins: bins, beyond: beyond),
      let timelines = json["timelines"]?.elements.compactMap(Timeline.init),
      timelines.count == Self.timelines.count,
      let outage = json["outage"]?.counts, outage.count == 2,
      let recovery = Recovery(json["recovery"]),
      let faults = json["faults"]?.counts.flatMap({ Faults(encoded: $0) }),
      let cpu = json["cpu"]?.count, let turn = json["turn"]?.count
    else { return nil }
    self.init()
    for (field, count) in zip(Self.counts, counts) { self[keyPath: field] = count }
    for (field, value) in zip(Self.histograms, histograms) {
      let words = value.elements.compactMap { $0.integer }.map { UInt64(bitPattern: $0) }
      guard words.count == value.elements.count, let histogram = Histogram(encoded: words) else { return nil }
      self[keyPath: field] = histogram
    }
    self.failed = failed
    self.drops = drops
    self.reconnectFailures = reconnectFailures
    self.herd = herd
    for (field, timeline) in zip(Self.timelines, timelines) { self[keyPath: field] = timeline }
    self.outage = Outage(longestNanoseconds: UInt64(outage[0]), beganAt: UInt64(outage[1]))
    self.recovery = recovery
    self.faults = faults
    cpuNanoseconds = UInt64(cpu)
    longestTurnNanoseconds = UInt64(turn)
  }
}

extension JSONWriter {
  package mutating func tally(_ tally: Tally) {
    for (cause, count) in tally.sorted { member(cause.text, count) }
  }
}

extension JSONWriter {
  fileprivate mutating func recovery(_ recovery: Recovery) {
    array("restarts") { list in
      for (begin, end) in zip(recovery.begins, recovery.ends) {
        list.integer(Int64(clamping: begin))
        list.integer(end == .max ? -1 : Int64(clamping: end))
      }
    }
    member("limit", Int64(clamping: recovery.limit ?? 0))
    array("steps") { list in
      for step in recovery.steps {
        list.integer(step.all)
        list.integer(step.slow)
      }
    }
  }
}

extension Recovery {
  /// A restart that has not ended has -1 for its end.
  fileprivate init?(_ value: JSONValue?) {
    guard let value, let limit = value["limit"]?.count, let steps = value["steps"]?.counts,
      case .array(let times)? = value["restarts"]
    else { return nil }
    let restarts = times.compactMap { time in
      time.integer.flatMap { $0 == -1 ? UInt64.max : UInt64(exactly: $0) }
    }
    guard restarts.count == times.count else { return nil }
    self.init(restarts: restarts, limit: UInt64(limit), steps: steps)
  }
}

extension Tally {
  init?(_ value: JSONValue?) {
    guard case .object(let members)? = value else { return nil }
    self.init()
    for member in members {
      guard let cause = DropCause(member.name), let count = member.value.count else {
        return nil
      }
      add(cause, count)
    }
  }
}

extension Timeline {
  fileprivate init?(_ value: JSONValue) {
    guard let numbers = value.counts, let step = numbers.first else { return nil }
    self.init(steps: Array(numbers.dropFirst()), stepNanoseconds: UInt64(step))
  }
}

extension JSONValue {
  /// Whole and not negative.
  var count: Int? { integer.flatMap { $0 < 0 ? nil : Int(exactly: $0) } }

  /// Nil unless it is a list of nothing else.
  var counts: [Int]? {
    guard case .array(let elements) = self else { return nil }
    let counts = elements.compactMap(\.count)
    return counts.count == elements.count ? counts : nil
  }
}
