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

  func events(_ events: [View.Line]) -> String {
    settings[Options.json] ? json(events) : StatusText.events(events)
  }

  private func json(_ snapshot: Snapshot) -> String {
    var writer = JSONWriter(style: settings[Options.watch] ? .compact : .pretty)
    snapshot.write(to: &writer)
    return writer.text + "\n"
  }

  private func json(_ events: [View.Line]) -> String {
    var writer = JSONWriter(style: .pretty)
    writer.beginArray()
    for line in events {
      writer.beginObject()
      writer.member("time", line.time)
      for field in line.event.fields.list { writer.member(field.name, field.value) }
      writer.endObject()
    }
    writer.endArray()
    return writer.text + "\n"
  }
}
