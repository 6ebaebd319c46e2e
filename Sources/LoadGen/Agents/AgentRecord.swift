import EventLoop
import FleetState
import JSONText

/// What an agent says of itself in Redis, leased: whose record is gone is dead.
struct AgentRecord: Equatable {
  let id: Name
  /// As people call it; several may bear the same.
  let name: Name
  let host: String
  let version: String

  static let lease = Lease()
  /// With the sign that makes it unique it still is a `Name`.
  static let longestName = 48

  var text: String {
    var json = JSONWriter()
    json.beginObject()
    json.member("id", id.text)
    json.member("name", name.text)
    json.member("host", host)
    json.member("version", version)
    json.endObject()
    return json.text
  }

  init(id: Name, name: Name, host: String, version: String) {
    (self.id, self.name, self.host, self.version) = (id, name, host, version)
  }

  init?(_ text: String) {
    guard let json = try? JSONValue.read(Array(text.utf8).span),
      let id = json["id"]?.string.flatMap({ Name($0) }),
      let name = json["name"]?.string.flatMap({ Name($0) }), let host = json["host"]?.string,
      let version = json["version"]?.string
    else { return nil }
    self.init(id: id, name: name, host: host, version: version)
  }

  /// A name nobody else has: `web-1.4f0c2a`.
  static func fresh(_ name: Name, _ number: UInt64) -> Name {
    let sign = String(number % 0x100_0000 | 0x100_0000, radix: 16).dropFirst()
    return Name("\(name.text.prefix(longestName)).\(sign)") ?? name
  }
}
