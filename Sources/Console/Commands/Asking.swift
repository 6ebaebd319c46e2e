import CommandLine
import FleetState
import JSONText

/// The subcommands that only look: what each prints.
struct Asking {
  let settings: Settings

  func status(_ snapshot: Snapshot) -> String {
    settings[Options.json] ? json(snapshot) : StatusText.status(snapshot)
  }

  func workers(_ snapshot: Snapshot) -> String {
    settings[Options.json] ? json(snapshot) : StatusText.workers(snapshot)
  }

  /// While they are watched, one JSON object a line.
  func events(_ events: [View.Line]) -> String {
    let isWatching = settings[Options.watch]
    if !settings[Options.json] { return events.isEmpty && isWatching ? "" : StatusText.events(events) }
    if !isWatching { return json(events) }
    return events.map { line in
      var writer = JSONWriter()
      Self.write(line, to: &writer)
      return writer.text + "\n"
    }.joined()
  }

  private func json(_ snapshot: Snapshot) -> String {
    var writer = JSONWriter(style: settings[Options.watch] ? .compact : .pretty)
    snapshot.write(to: &writer)
    return writer.text + "\n"
  }

  private func json(_ events: [View.Line]) -> String {
    var writer = JSONWriter(style: .pretty)
    writer.beginArray()
    for line in events { Self.write(line, to: &writer) }
    writer.endArray()
    return writer.text + "\n"
  }

  private static func write(_ line: View.Line, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("time", line.time)
    for field in line.event.fields.list { writer.member(field.name, field.value) }
    writer.endObject()
  }
}
