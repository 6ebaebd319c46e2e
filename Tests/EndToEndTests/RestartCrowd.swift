import Testing

/// Speakers and listeners of the hall `/ws`, who know what each of them has to hear: every word of every other speaker
/// once, in that speaker's order.
final class RestartCrowd {
  private struct Member {
    let client: WebClient
    /// The number by which it speaks; nil for one that only listens.
    let speaker: Int?
    let hasEcho: Bool
  }

  private var members: [Member] = []
  private var said: [Int] = []

  /// Every second speaker is one of `?mode=chat`, who does not hear itself.
  init(_ server: Server, speakers: Int, listeners: Int) throws {
    for number in 0..<speakers {
      let isChat = number % 2 == 1
      let client = try server.client(isChat ? "/ws?mode=chat&notify=0" : "/ws?notify=0")
      members.append(Member(client: client, speaker: number, hasEcho: !isChat))
      said.append(0)
    }
    for _ in 0..<listeners {
      members.append(Member(client: try server.client("/ws?notify=0"), speaker: nil, hasEcho: false))
    }
  }

  var count: Int { members.count }

  /// Each speaker says its next word, again and again, until so many rounds are over and `condition` holds.
  func speak(atLeast rounds: Int, _ reason: String, until condition: () throws -> Bool = { true }) throws {
    var round = 0
    try Deadline.until(15, reason) {
      for member in members {
        guard let speaker = member.speaker else { continue }
        try member.client.send("\(speaker) \(said[speaker])")
        said[speaker] += 1
      }
      round += 1
      return try round >= rounds && condition()
    }
  }

  /// All that was said was heard, and nothing else.
  func expectAllHeard() throws {
    try speak(atLeast: 1, "a last word")
    for (number, member) in members.enumerated() {
      var heard = Array(repeating: 0, count: said.count)
      var echoes = 0
      for _ in 0..<expected(of: member) {
        var words = try member.client.text(within: 5, "member \(number) misses a word").split(separator: " ")
        if words.first == "echo:" {
          words.removeFirst()
          #expect(words == ["\(member.speaker ?? -1)", "\(echoes)"], "member \(number)")
          echoes += 1
          continue
        }
        let speaker = try #require(Int(words[0]))
        let word = try #require(Int(words[1]))
        // One complaint is enough: after it nothing would fit.
        try #require(speaker != member.speaker, "member \(number) hears itself")
        try #require(word == heard[speaker], "member \(number) of speaker \(speaker)")
        heard[speaker] += 1
      }
      #expect(echoes == (member.hasEcho ? said[member.speaker ?? 0] : 0))
      let more = member.client.look(for: 0.02)
      #expect(more == nil, "member \(number) hears something twice")
    }
  }

  private func expected(of member: Member) -> Int {
    let all = said.reduce(0, +)
    guard let speaker = member.speaker else { return all }
    return all - (member.hasEcho ? 0 : said[speaker])
  }
}
