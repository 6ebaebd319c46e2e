import EventLoop
import FleetState

/// Limits, kernel settings and memory of this machine, against what the settings ask for.
struct HostCheck {
  /// What was found; a test puts its own here.
  struct Facts: Equatable {
    var descriptors = 0
    var fileMax: Int?
    var backlog: Int?
    var synBacklog: Int?
    var ports: ClosedRange<Int>?
    var availableBytes: Int?
    var overcommit: Int?
  }

  private let facts: Facts
  private let settings: ServerSettings

  init(_ settings: ServerSettings, facts: Facts = .present) {
    self.settings = settings
    self.facts = facts
  }

  var findings: [Finding] {
    [descriptors, fileMax, backlog, synBacklog, ports, memory, overcommit].compactMap { $0 }
  }

  /// Each worker holds its own sockets, and its standby holds them again.
  private var descriptors: Finding {
    let each = max(0, facts.descriptors - Ground.descriptorReserve)
    let room = each * settings.workers
    let text = "\(facts.descriptors) per process, so room for \(room) sockets in \(settings.workers) workers"
    let advice =
      "raise the hard limit (LimitNOFILE= of systemd, ulimits of Docker, /etc/security/limits.conf)"
    if let most = settings.limits.maxConnections, most > room {
      return .fail("descriptors", "\(text), but max_connections is \(most)", "\(advice), or add workers")
    }
    return facts.descriptors < 4096 ? .warn("descriptors", text, advice) : .ok("descriptors", text)
  }

  private var fileMax: Finding? {
    guard let most = facts.fileMax else { return nil }
    let wanted = 2 * facts.descriptors * settings.workers
    let text = "\(most) for the whole machine"
    return most < wanted
      ? .warn("file-max", text, "full workers and standbys want \(wanted): sysctl -w fs.file-max=\(wanted)")
      : .ok("file-max", text)
  }

  private var backlog: Finding? {
    guard let length = facts.backlog else { return nil }
    return length < 4096
      ? .warn(
        "somaxconn", "\(length)", "a burst of connections beyond it is cut: sysctl -w net.core.somaxconn=4096"
      )
      : .ok("somaxconn", "\(length)")
  }

  private var synBacklog: Finding? {
    guard let length = facts.synBacklog else { return nil }
    return length < 1024
      ? .warn(
        "syn-backlog", "\(length)",
        "many who connect at once wait: sysctl -w net.ipv4.tcp_max_syn_backlog=4096")
      : .ok("syn-backlog", "\(length)")
  }

  /// For load generators and proxies on this machine: the server itself needs one port for each address.
  private var ports: Finding? {
    guard let ports = facts.ports else { return nil }
    let text = "\(ports.lowerBound) to \(ports.upperBound), \(ports.count) connections to one address"
    return ports.count < 16_384
      ? .warn(
        "port-range", text,
        "a proxy or wsload here runs out: sysctl -w net.ipv4.ip_local_port_range='10000 65000'")
      : .ok("port-range", text)
  }

  private var memory: Finding? {
    guard let free = facts.availableBytes else { return nil }
    let text = "\(free >> 20) MiB available"
    if let most = settings.limits.totalMemory, most > free {
      return .fail("memory", text, "max_total_memory is \(most >> 20) MiB: lower it, or add memory")
    }
    return free < 256 << 20
      ? .warn("memory", text, "little is left for sockets that do not read: set max_total_memory")
      : .ok("memory", text)
  }

  /// Only of interest when Redis runs here: it forks to write its file.
  private var overcommit: Finding? {
    guard settings.redis == nil, let value = facts.overcommit else { return nil }
    return value == 1
      ? .ok("overcommit", "1")
      : .warn(
        "overcommit", "\(value)", "Redis may fail to rewrite its file: sysctl -w vm.overcommit_memory=1")
  }
}

extension HostCheck.Facts {
  static var present: HostCheck.Facts {
    var facts = HostCheck.Facts()
    facts.descriptors = Machine.raiseDescriptorLimit()
    facts.fileMax = number("/proc/sys/fs/file-max")
    facts.backlog = number("/proc/sys/net/core/somaxconn")
    facts.synBacklog = number("/proc/sys/net/ipv4/tcp_max_syn_backlog")
    facts.overcommit = number("/proc/sys/vm/overcommit_memory")
    let ports = numbers("/proc/sys/net/ipv4/ip_local_port_range")
    if ports.count == 2, ports[0] <= ports[1] { facts.ports = ports[0]...ports[1] }
    facts.availableBytes = availableMemory
    return facts
  }

  /// `file-max` of today's kernels is the largest number there is.
  private static func number(_ path: String) -> Int? { numbers(path).first }

  private static func numbers(_ path: String) -> [Int] {
    let text = (try? SmallFile.read(path)) ?? ""
    return text.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0).map { Int(clamping: $0) } }
  }

  private static var availableMemory: Int? {
    let lines = ((try? SmallFile.read("/proc/meminfo")) ?? "").split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("MemAvailable:") }) else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
