import FleetState
import RedisClient
import Testing

@testable import Server

/// The scripts, in every order in which two workers, a rival and an operator can come to use them.
@Suite(.serialized) struct RelocationTests {
  private static let giver = "h/0/70/5"
  private static let taker = "h/1/71/9"
  private static let rival = "h/2/72/3"

  /// A Redis in which the giver's socket holds the name, and every slot has its list.
  private final class Stage {
    let local: LocalRedis
    private var redis: Redis { local.redis }

    init() throws {
      local = try LocalRedis()
      try set()
    }

    func set() throws {
      try local.ask("FLUSHALL")
      for slot in 0..<3 { try local.ask("HSET", "s:h:\(slot)", "life", "7\(slot)") }
      try local.ask("HSET", "s:h:0", "5", "entry")
      try local.ask("HSET", "c", "at", giver, "since", "1", "peer", "p", "g:news", "1")
    }

    func run(_ script: RedisScript, keys: [String], _ words: [String]) throws -> RedisValue {
      try local.answer { done in redis.run(script, keys: keys, words) { done($0) } }.get()
    }

    func announce() throws { _ = try run(RelocationScripts.announce, keys: ["c"], [giver, taker]) }

    func complete() throws {
      _ = try run(
        RelocationScripts.complete, keys: ["s:h:0", "s:h:1", "c"],
        ["70", "71", "5", "9", "entry", "3", taker])
    }

    func enter(_ holder: String) throws {
      _ = try run(
        ClientScripts.enter, keys: ["c"], [holder, "2", "q", "s:", "60000", "h", "", "60", "entry"])
    }

    func introduce(_ holder: String) throws -> Int64? {
      try run(ClientScripts.introduce, keys: ["c"], [holder, "1", "p", "s:", "60000"]).elements.first?.integer
    }

    func leave(_ holder: String) throws {
      _ = try run(ClientScripts.leave, keys: ["c"], [holder, "60000", "s:"])
    }

    var holders: [String] {
      get throws { try local.ask("HMGET", "c", "at", "to").elements.compactMap(\.text) }
    }

    var located: String? {
      get throws { try run(ClientScripts.locate, keys: ["c"], ["s:"]).text }
    }

    func lists(_ slot: Int) throws -> Int64? { (try local.ask("HLEN", "s:h:\(slot)").integer).map { $0 - 1 } }
  }

  @Test("a name passes in one step: it has a live holder before, between and after")
  func passes() throws {
    let stage = try Stage()
    #expect(try stage.located == Self.giver)
    try stage.announce()
    #expect(try stage.located == Self.giver)
    #expect(try stage.holders == [Self.giver, Self.taker])
    try stage.complete()
    #expect(try stage.located == Self.taker)
    #expect(try stage.holders == [Self.taker])
    #expect(try stage.lists(0) == 0)
    #expect(try stage.lists(1) == 1)
    #expect(try stage.local.ask("HGET", "c", "g:news").text == "1")
  }

  @Test("what is announced and does not come stays with whoever has it")
  func stays() throws {
    let stage = try Stage()
    try stage.announce()
    #expect(try stage.introduce(Self.giver) == 1)
    #expect(try stage.located == Self.giver)
    try stage.leave(Self.giver)
    #expect(try stage.holders == [])
    #expect(try stage.located == "")
  }

  @Test("the taker's heir, who finds it announced, is believed; a third one is not")
  func heir() throws {
    let stage = try Stage()
    try stage.announce()
    #expect(try stage.introduce(Self.rival) == 0)
    #expect(try stage.introduce(Self.taker) == 1)
    #expect(try stage.holders == [Self.taker])
    try stage.complete()
    #expect(try stage.located == Self.taker)
  }

  @Test("it may end before Redis has heard that it has come", arguments: [false, true])
  func endsEarly(isCompleted: Bool) throws {
    let stage = try Stage()
    try stage.announce()
    if isCompleted { try stage.complete() }
    try stage.leave(Self.taker)
    #expect(try stage.holders == [])
    #expect(try stage.local.ask("HGET", "c", "g:news").text == "1")
  }

  @Test("whoever comes under the name meanwhile has it, at whatever step it comes", arguments: 0...3)
  func newest(step: Int) throws {
    let stage = try Stage()
    if step == 0 { try stage.enter(Self.rival) }
    try stage.announce()
    if step == 1 { try stage.enter(Self.rival) }
    try stage.complete()
    if step == 2 { try stage.enter(Self.rival) }
    #expect(try stage.introduce(Self.taker) == (step == 3 ? 1 : 0))
    if step == 3 { try stage.enter(Self.rival) }
    #expect(try stage.holders == [Self.rival])
    #expect(try stage.located == Self.rival)
    // The one that goes takes nothing with it.
    try stage.leave(Self.taker)
    try stage.leave(Self.giver)
    #expect(try stage.holders == [Self.rival])
  }

  @Test("a client that was forgotten meanwhile is not made up again", arguments: [false, true])
  func forgotten(isAnnounced: Bool) throws {
    let stage = try Stage()
    if isAnnounced { try stage.announce() }
    _ = try stage.run(ClientScripts.forget, keys: ["c", "groups"], ["ada", "s:", "g:"])
    if !isAnnounced { try stage.announce() }
    try stage.complete()
    #expect(try stage.local.ask("EXISTS", "c").integer == 0)
  }

  @Test("lists of another life are left alone")
  func otherLives() throws {
    let stage = try Stage()
    try stage.local.ask("HSET", "s:h:0", "life", "80")
    try stage.local.ask("HSET", "s:h:1", "life", "81")
    try stage.announce()
    try stage.complete()
    #expect(try stage.lists(0) == 1)
    #expect(try stage.lists(1) == 0)
    #expect(try stage.holders == [Self.taker])
  }
}
