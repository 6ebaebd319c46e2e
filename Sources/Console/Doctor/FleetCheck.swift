import FleetState

/// Whether somebody serves, and whether all hosts are of one build.
enum FleetCheck {
  static func findings(_ snapshot: Snapshot?) -> [Finding] {
    guard let snapshot else { return [.fail("hosts", "Redis does not say who is there", "try again")] }
    let hosts = snapshot.hosts.map(\.record)
    if hosts.isEmpty {
      return [
        .warn(
          "hosts", "none in the namespace \(snapshot.namespace)",
          "start wsserver, or name another --namespace")
      ]
    }
    return [presence(hosts), builds(hosts)]
  }

  private static func presence(_ hosts: [HostRecord]) -> Finding {
    let text = hosts.map { "\($0.id) \($0.state.rawValue)" }.joined(separator: ", ")
    return hosts.contains { $0.state == .serving }
      ? .ok("hosts", text) : .warn("hosts", text, "nobody takes new sockets: wsconsole status")
  }

  private static func builds(_ hosts: [HostRecord]) -> Finding {
    let builds = Dictionary(grouping: hosts, by: \.build).sorted { $0.key < $1.key }
    guard builds.count > 1 else { return .ok("build", builds.first?.key ?? "") }
    let text = builds.map { build, hosts in
      "\(build) on \(hosts.map(\.id.text).joined(separator: ", "))"
    }
    return .warn("build", text.joined(separator: "; "), "bring them together: wsconsole upgrade --host NAME")
  }
}
