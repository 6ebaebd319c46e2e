import FleetState
import JSONText

/// An agent's part in a run, as the report tells it.
struct AgentPart: Equatable {
  let name: Name
  let host: String
  let sockets: Range<Int>
  var processes = 0

  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("name", name.text)
    json.member("host", host)
    json.member("first", sockets.lowerBound)
    json.member("sockets", sockets.count)
    json.member("processes", processes)
    json.endObject()
  }
}
