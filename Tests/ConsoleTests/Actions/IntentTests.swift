import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct IntentTests {
  @Test("a broadcast names how many will hear it, and what")
  func broadcast() throws {
    let intent = Intent.broadcast("back in a minute", [Halls(.ws), Halls(.chat)])
    let dialog = try #require(intent.question(Fleet.snapshot(), preset: .standard))
    #expect(dialog.title == "Broadcast?")
    #expect(dialog.lines == ["4,999 sockets in ws, chat will hear:", "back in a minute"])
    #expect(dialog.choices.map(\.word) == ["broadcast", "not yet"])
    #expect(Intent.reach(.all, try Fleet.snapshot()) == "4,999 sockets in all halls")
    #expect(Intent.reach(Halls(.tasks), try Fleet.snapshot()) == "0 sockets in tasks")
    #expect(Intent.audience([], nil) == "No hall is chosen: nobody will hear it")
  }

  @Test("a kick warns, and names who and where")
  func kick() throws {
    let intent = Intent.kick(try #require(ClientID("ada")), at: "web-1/1")
    let dialog = try #require(intent.question(Fleet.snapshot(), preset: .standard))
    #expect(dialog.title == "Kick ada?" && dialog.style == .warning)
    #expect(dialog.lines.first == "1 socket is closed, on web-1/1.")
  }

  @Test("only a chosen client can be kicked, and only where it is seen")
  func target() throws {
    var view = try Fleet.view(.sockets)
    #expect(view.intent(of: .kick) == nil)
    view.sockets = SocketBookTests.book([
      try SocketBookTests.line(1), try SocketBookTests.line(2, .clients, client: "ada", since: 2000),
    ])
    #expect(view.intent(of: .kick) == nil)
    view.sockets.choose(1)
    #expect(view.intent(of: .kick) == .kick(try #require(ClientID("ada")), at: "web-1/0"))
    view.page = .overview
    #expect(view.intent(of: .kick) == nil && view.intent(of: .broadcast) == nil)
    #expect(view.intent(of: .drain) == .command(.drain, .all))
  }
}
