/// Where the programs of one namespace keep their files and find each other's sockets (CONTRACT 7).
package struct StatePlace: Equatable, Sendable {
  /// What has to survive: the append-only file, the discovery file.
  package let state: String
  /// Sockets; gone after a reboot.
  package let runtime: String

  package struct Unusable: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// The kernel's limit for the path of a Unix socket, without its closing zero.
  package static let longestSocketPath = 107

  /// `environment` gives a variable's value. What a variable names must be absolute, as XDG demands.
  package init(
    namespace: Name, isRoot: Bool, environment: (String) -> String?
  ) throws(Unusable) {
    func absolute(_ variable: String) -> String? {
      environment(variable).flatMap { $0.hasPrefix("/") ? Self.trimmed($0) : nil }
    }
    if let chosen = environment("SLUICE_STATE"), !chosen.isEmpty {
      guard chosen.hasPrefix("/") else {
        throw Unusable(description: "SLUICE_STATE is '\(chosen)': give an absolute path, such as /srv/sluice")
      }
      state = Self.trimmed(chosen)
      runtime = state
      return
    }
    let tail = "/sluice/\(namespace)"
    if let home = absolute("XDG_STATE_HOME") {
      state = home + tail
    } else if isRoot {
      state = "/var/lib" + tail
    } else if let home = absolute("HOME") {
      state = home + "/.local/state" + tail
    } else {
      throw Unusable(description: "no place for state: set SLUICE_STATE to a directory you may write to")
    }
    if let directory = absolute("XDG_RUNTIME_DIR") {
      runtime = directory + tail
    } else {
      runtime = state.hasPrefix("/var/lib/") ? "/run" + tail : state
    }
  }

  package var serverFile: String { state + "/server.json" }

  package func redisSocket() throws(Unusable) -> String { try socket("redis") }
  /// Where the workers of a server find its next supervisor.
  package func controlSocket(of server: Int32) throws(Unusable) -> String { try socket("control-\(server)") }

  private func socket(_ name: String) throws(Unusable) -> String {
    let path = "\(runtime)/\(name).sock"
    let length = path.utf8.count
    if length > Self.longestSocketPath {
      throw Unusable(
        description: "the socket path \(path) has \(length) bytes, \(Self.longestSocketPath) are possible: "
          + "set SLUICE_STATE to a shorter directory")
    }
    return path
  }

  private static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
