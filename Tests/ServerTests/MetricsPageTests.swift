import EventLoop
import FleetState
import Testing

@testable import Server

@Suite struct MetricsPageTests {
  private let board: Board
  private let host: Name

  init() throws {
    board = try Board(slots: 3)
    host = try #require(Name("web-1"))
  }

  private func lines(mostSockets: Int? = nil) -> [Substring] {
    let page = MetricsPage.render(board, host: host, mostSockets: mostSockets, now: Moment(nanoseconds: 1))
    return String(decoding: page, as: UTF8.self).split(separator: "\n")
  }

  private func names(_ lines: [Substring]) -> Set<String> {
    Set(lines.filter { !$0.hasPrefix("#") }.map { String($0.prefix { $0 != " " && $0 != "{" }) })
  }

  @Test("each name is said once what it is, before its figures")
  func heads() {
    var heads: [String] = []
    var current = ""
    for line in lines(mostSockets: 5) {
      if line.hasPrefix("# HELP ") {
        current = String(line.dropFirst(7).prefix { $0 != " " })
        heads.append(current)
      } else {
        #expect(line.hasPrefix(line.hasPrefix("#") ? "# TYPE \(current) " : current), "\(line)")
      }
    }
    #expect(heads.count == Set(heads).count && heads.count > 40)
  }

  @Test("slots are counted by their state, and sockets are told for each")
  func slots() {
    board[0].state = .serving
    board[1].state = .serving
    board[2].state = .backoff
    board[1].open[0] = 7
    let lines = lines()
    #expect(lines.contains("sluice_slots{state=\"serving\"} 2"))
    #expect(lines.contains("sluice_slots{state=\"backoff\"} 1"))
    #expect(lines.contains("sluice_slots{state=\"draining\"} 0"))
    #expect(lines.contains("sluice_worker_sockets{slot=\"1\"} 7"))
    #expect(lines.contains("sluice_build_info{host=\"web-1\",version=\"\(Build.version)\"} 1"))
  }

  @Test(
    "what is not known, or is not there, is left out",
    arguments: [
      "sluice_guarded_slots", "sluice_drain_deadline_timestamp_seconds", "sluice_sockets_limit",
      "sluice_certificate_expiry_timestamp_seconds", "sluice_fleet_sockets",
    ])
  func leftOut(_ name: String) {
    #expect(!names(lines()).contains(name))
    board.host.guarded = 0
    board.host.drainDeadline = 1_800_000_000
    board.host.certificateEnd = 1_900_000_000
    board.host.fleetSeenAt = 1
    #expect(names(lines(mostSockets: 100)).contains(name))
  }

  @Test("no slot guarded is a figure, and not the same as nobody having looked")
  func guarded() {
    board.host.guarded = 0
    #expect(lines().contains("sluice_guarded_slots 0"))
    board.host.guarded = 3
    #expect(lines().contains("sluice_guarded_slots 3"))
    board.host.guarded = nil
    #expect(board.host.guarded == nil)
  }
}
