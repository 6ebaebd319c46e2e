import Testing

/// Clients with names, one group of them all: each has to hear what was said to it, to the group and in the hall, once
/// and in order; those of the hall all in the same order.
final class NamedCrowd {
  private final class Member {
    let name: String
    let client: WebClient
    /// Messages to it, and whether we were told that they had arrived.
    var letters: [(text: String, isSure: Bool)] = []
    /// What it has said in the hall, and where what is not yet checked begins.
    var said = 0
    var checked = 0

    init(_ name: String, _ client: WebClient) {
      self.name = name
      self.client = client
    }
  }

  private let server: Server
  private var members: [Member] = []
  private var groupLetters: [(text: String, isSure: Bool)] = []
  private var number = 0
  /// What was answered to a message, where it was not that it had arrived.
  private(set) var doubts: [String] = []

  init(_ server: Server) { self.server = server }

  var count: Int { members.count }
  var names: [String] { members.map(\.name) }

  /// So many more, all of them on one worker.
  func join(_ slot: Int, _ more: Int) throws {
    let wanted = members.count + more
    while members.count < wanted {
      let newcomers = try (0..<more).map { _ in
        number += 1
        return Member("n\(number)", try server.client("/ws/n\(number)"))
      }
      var here: Set<UInt16> = []
      try Deadline.until(5, "the lists") {
        let ports = try server.portsBySlot()
        here = ports[slot]
        return newcomers.allSatisfy { member in ports.contains { $0.contains(member.client.localPort) } }
      }
      let kept = newcomers.filter { here.contains($0.client.localPort) }.prefix(wanted - members.count)
      for member in kept {
        guard try server.http("PUT", "/groups/all/members/\(member.name)").status == 200 else {
          throw Trouble("\(member.name) cannot join")
        }
      }
      members += kept
    }
    try Deadline.until(5, "the others are gone") {
      try server.portsBySlot().map(\.count).reduce(0, +) == members.count
    }
    // From here on all hear all.
    for member in members { while member.client.look(for: 0.02) != nil {} }
  }

  /// Rounds of letters and of words in the hall, until so many are over and `condition` holds.
  func talk(atLeast rounds: Int, _ reason: String, until condition: () throws -> Bool = { true }) throws {
    var round = 0
    try Deadline.until(25, reason) {
      let member = members[(round * 7) % members.count]
      try member.client.send("\(member.said)")
      member.said += 1
      for step in 0..<3 {
        let member = members[(round * 3 + step) % members.count]
        number += 1
        let text = "to \(member.name) \(number)"
        member.letters.append(
          (text, try post("/clients/\(member.name)/messages", text) { $0.contains("true") }))
      }
      let text = "to all \(round) of \(number)"
      let isSure = try post("/groups/all/messages", text) { $0.hasSuffix("\"delivered\": \(members.count)}") }
      groupLetters.append((text, isSure))
      round += 1
      return try round >= rounds && condition()
    }
  }

  private func post(_ path: String, _ text: String, _ isGood: (String) -> Bool) throws -> Bool {
    guard let reply = try? server.http("POST", path, body: "{\"message\": \"\(text)\"}") else {
      doubts.append("\(path): the connection ended")
      return false
    }
    if reply.status == 200, isGood(reply.body) { return true }
    doubts.append("\(path): \(reply.status) \(reply.body)")
    return false
  }

  func expectAllHeard() throws {
    try talk(atLeast: 1, "last words")
    // A word behind which nothing is awaited.
    try members[0].client.send("end")
    var hall: [String] = []
    for member in members {
      var heard: [String] = []
      while true {
        let text = try member.client.text(within: 10, "\(member.name) misses the last word")
        if text.hasPrefix("{\"type\": \"ping\"") { continue }
        heard.append(text)
        if text.hasSuffix("\"message\": \"end\"}") { break }
      }
      expectInOrder(heard.filter { $0.hasPrefix("to \(member.name) ") }, member.letters, member.name)
      expectInOrder(heard.filter { $0.hasPrefix("to all ") }, groupLetters, "\(member.name) of the group")
      let words = heard.filter { $0.hasPrefix("{\"user\"") }
      if hall.isEmpty { hall = words }
      #expect(words == hall, "\(member.name) heard the hall in another way")
      #expect(member.client.look(for: 0.02) == nil, "\(member.name) hears more")
    }
    for member in members {
      var own = hall.filter { $0.hasPrefix("{\"user\": \"\(member.name)\"") }
      if member === members[0] { own.removeLast() }
      let said = (member.checked..<member.said).map {
        "{\"user\": \"\(member.name)\", \"message\": \"\($0)\"}"
      }
      #expect(own == said, "of \(member.name)")
      member.checked = member.said
      member.letters = []
    }
    groupLetters = []
  }

  /// Each once, in order, and none missing of those that were sure to have arrived.
  private func expectInOrder(_ heard: [String], _ letters: [(text: String, isSure: Bool)], _ name: String) {
    let expected = letters.filter { $0.isSure || heard.contains($0.text) }.map(\.text)
    #expect(heard == expected, "\(name)")
  }

  /// Redis says of each that it is connected, on the worker that lists it.
  func expectAllKnown() throws {
    let ports = try server.portsBySlot()
    for member in members {
      let body = try server.http("GET", "/clients/\(member.name)").body
      let slot = try #require(ports.firstIndex { $0.contains(member.client.localPort) })
      #expect(body.contains("\"connected\": true"), "\(body)")
      #expect(body.contains("\"worker\": \(slot),"), "\(body)")
      #expect(body.contains(":\(member.client.localPort)\""), "\(body)")
    }
  }
}
