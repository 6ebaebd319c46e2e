import CommandLine
import FleetState
import Testing

@testable import Console

@Suite struct ErrandTests {
  private func errand(_ arguments: String...) throws -> Errand? {
    let invocation = try Invocation(arguments, of: Options.program)
    var layers = Settings.Layers()
    layers.flags = invocation.values
    return try Errand(
      invocation.command ?? "", invocation.positionals, Settings(Options.all, layers))
  }

  @Test("what is typed becomes an errand, and other commands are none")
  func reading() throws {
    #expect(try errand("broadcast", "hi there") == .broadcast("hi there", .all))
    #expect(
      try errand("broadcast", "--halls", "ws,chat", "hi") == .broadcast("hi", [Halls(.ws), Halls(.chat)]))
    #expect(try errand("kick", "ada") == .kick(#require(ClientID("ada"))))
    #expect(try errand("sockets") == .sockets(nil))
    #expect(try errand("sockets", "--hall=clients") == .sockets(.clients))
    #expect(try errand("status") == nil)
  }

  @Test(
    "a slip is refused before anybody is asked",
    arguments: [
      ["broadcast"], ["broadcast", ""], ["broadcast", "hi", "there"],
      ["broadcast", "hi", "--halls", "lobby"],
      ["kick"], ["kick", "a b"], ["kick", "a/b"], ["kick", String(repeating: "a", count: 65)],
      ["sockets", "--hall", "lobby"],
    ])
  func slips(_ arguments: [String]) {
    #expect(throws: UsageError.self) {
      let invocation = try Invocation(arguments, of: Options.program)
      var layers = Settings.Layers()
      layers.flags = invocation.values
      return try Errand(arguments[0], invocation.positionals, Settings(Options.all, layers))
    }
  }

  @Test("a broadcast is an entry of the bus as workers read it, from no socket")
  func command() {
    #expect(
      Courier.command(BusEntry(.broadcast(Halls(.chat))), "hi", key: "bus") == [
        "XADD", "bus", "MAXLEN", "~", "20000", "*", "m", "broadcast 2 text - - - -", "d", "hi",
      ])
  }
}
