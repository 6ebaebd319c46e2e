import Bytes
package import JSONText

/// A series in a report, and a step on its way from a generator to its parent.
extension RunSeries {
  /// Columns, one value a step; those of `latency_histograms` are a histogram's words.
  package func write(to json: inout JSONWriter) {
    json.member("step_s", stepSeconds)
    for column in Self.columns {
      json.column(column.name) { list in for step in steps { list.integer(step[keyPath: column.field]) } }
    }
    json.column("open") { list in for count in open { list.integer(count) } }
    json.object("drops_by_cause") { json in
      for (cause, _) in total.drops.sorted {
        json.column(cause.text) { list in
          for step in steps { list.integer(step.drops.counts[cause, default: 0]) }
        }
      }
    }
    let latency = steps.map(\.latency.histogram)
    json.object("latency_us") { json in
      for statistic in SeriesStatistic.allCases {
        json.column(statistic.rawValue) { list in
          for histogram in latency {
            if histogram.isEmpty { list.null() } else { list.number(statistic.microseconds(of: histogram)) }
          }
        }
      }
    }
    json.column("latency_histograms") { list in
      for histogram in latency {
        list.beginArray()
        if !histogram.isEmpty {
          for word in histogram.encoded { list.integer(Int64(bitPattern: word)) }
        }
        list.endArray()
      }
    }
  }

  /// Nil for what `write` never writes.
  package init?(_ json: JSONValue) {
    guard let seconds = json["step_s"]?.number, seconds > 0, seconds < 1e9,
      let rows = json["latency_histograms"]?.elements, rows.count <= Self.mostSteps
    else { return nil }
    var steps = [SeriesStep](repeating: SeriesStep(), count: rows.count)
    for column in Self.columns {
      // Reports had no such column while only drops were taken for ends.
      if column.field == \.left, json[column.name] == nil { continue }
      guard let values = json[column.name]?.counts, values.count == steps.count else { return nil }
      for (place, value) in values.enumerated() { steps[place][keyPath: column.field] = value }
    }
    for member in json["drops_by_cause"]?.members ?? [] {
      guard let cause = DropCause(member.name), let values = member.value.counts, values.count == steps.count
      else { return nil }
      for (place, value) in values.enumerated() where value > 0 { steps[place].drops.add(cause, value) }
    }
    if json["left"] == nil {
      for place in steps.indices { steps[place].left = steps[place].drops.total }
    }
    for (place, row) in rows.enumerated() where !row.elements.isEmpty {
      let words = row.elements.compactMap(\.integer).map { UInt64(bitPattern: $0) }
      guard words.count == row.elements.count, let histogram = Histogram(encoded: words) else { return nil }
      steps[place].latency = PackedHistogram(histogram)
    }
    self.init(steps: steps, stepNanoseconds: UInt64((seconds * 1e9).rounded()))
  }

  private static var columns: [(name: String, field: WritableKeyPath<SeriesStep, Int>)] {
    [
      ("sent", \.sent), ("received", \.received), ("joined", \.joined), ("left", \.left),
      ("reconnects", \.reconnects),
      ("failed", \.failed), ("unsent", \.unsent), ("late_sends", \.lateSends),
      ("busy_ns", \.busyNanoseconds),
    ]
  }
}

/// What is shown of a step's latency, by the name reports give it.
package enum SeriesStatistic: String, CaseIterable, Sendable {
  case mean, p50, p90, p99, p999, max

  package func microseconds(of histogram: Histogram) -> Double {
    switch self {
    case .mean: (histogram.mean / 100).rounded() / 10
    case .p50: Double(histogram.percentile(50)) / 1000
    case .p90: Double(histogram.percentile(90)) / 1000
    case .p99: Double(histogram.percentile(99)) / 1000
    case .p999: Double(histogram.percentile(99.9)) / 1000
    case .max: Double(histogram.max) / 1000
    }
  }
}

/// One step of one generator as a packet: a line of JSON, then its histogram as it is packed.
extension SeriesStep {
  package func packet(at time: UInt64) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("at", Int64(clamping: time))
    json.array("counts") { list in for field in Self.counts { list.integer(self[keyPath: field]) } }
    json.object("drops") { $0.tally(drops) }
    json.endObject()
    return Array(json.text.utf8) + [Self.endOfLine] + latency.bytes
  }

  /// Nil for anything another build, or a stranger, has written.
  package static func read(_ packet: Span<UInt8>) -> (step: SeriesStep, at: UInt64)? {
    let bytes = packet.copied()
    guard let end = bytes.firstIndex(of: endOfLine),
      let json = try? JSONValue.read(packet.extracting(first: end)),
      let time = json["at"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let counts = json["counts"]?.counts, counts.count == Self.counts.count,
      let drops = Tally(json["drops"]),
      let latency = PackedHistogram(checking: Array(bytes[(end + 1)...]))
    else { return nil }
    var step = SeriesStep()
    for (field, count) in zip(Self.counts, counts) { step[keyPath: field] = count }
    step.drops = drops
    step.latency = latency
    return (step, time)
  }

  private static let endOfLine: UInt8 = 0x0A
}

extension JSONWriter {
  /// On one line, however the rest is laid out: hundreds of numbers, one below the other, help nobody.
  package mutating func column(_ name: String, _ body: (inout JSONWriter) -> Void) {
    var list = JSONWriter(style: .compact)
    list.beginArray()
    body(&list)
    list.endArray()
    self.name(name)
    raw(list.bytes)
  }
}
