import Bytes
package import JSONText

/// The small file by which the other programs find a running server.
package struct ServerFile: Equatable, Sendable {
  package var namespace: Name
  package var host: Name
  package var pid: Int32
  /// Where its Redis is, as a URL. It may hold a password, so the file is its owner's alone.
  package var redis: String
  package var listen: [String]
  package var build: String
  /// Unix time in milliseconds.
  package var started: Int64

  package init(
    namespace: Name, host: Name, pid: Int32, redis: String, listen: [String] = [], build: String = "",
    started: Int64 = 0
  ) {
    self.namespace = namespace
    self.host = host
    self.pid = pid
    self.redis = redis
    self.listen = listen
    self.build = build
    self.started = started
  }

  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("schema", 1)
    json.member("namespace", namespace.text)
    json.member("host", host.text)
    json.member("pid", pid)
    json.member("redis", redis)
    json.array("listen") { list in
      for address in listen { list.string(address) }
    }
    json.member("build", build)
    json.member("started", started)
    json.endObject()
  }

  /// `nil` if it is not whole: a server that is just writing it, or something else.
  package init?(_ text: Span<UInt8>) {
    let limits = JSONLimits(bytes: 1 << 16, depth: 4, values: 1000)
    guard let json = try? JSONValue.read(text, limits: limits),
      let namespace = json["namespace"]?.string.flatMap({ Name($0) }),
      let host = json["host"]?.string.flatMap({ Name($0) }), let redis = json["redis"]?.string,
      let pid = json["pid"]?.integer.flatMap({ Int32(exactly: $0) }), pid > 0
    else { return nil }
    self.init(
      namespace: namespace, host: host, pid: pid, redis: redis,
      listen: (json["listen"]?.elements ?? []).prefix(16).compactMap(\.string).map {
        printable($0, limit: 128)
      },
      build: printable(json["build"]?.string ?? "", limit: 64), started: json["started"]?.integer ?? 0)
  }
}
