import Testing

@testable import FleetState

@Suite struct StatePlaceTests {
  private func place(root: Bool = false, _ variables: [String: String]) throws -> StatePlace {
    try StatePlace(namespace: try #require(Name("ns")), isRoot: root) { variables[$0] }
  }

  @Test("SLUICE_STATE is taken as it is, for files and sockets")
  func chosen() throws {
    let place = try place(root: true, ["SLUICE_STATE": "/srv/s/", "XDG_STATE_HOME": "/x", "HOME": "/h"])
    #expect(place.state == "/srv/s" && place.runtime == "/srv/s")
    #expect(place.serverFile == "/srv/s/server.json")
    #expect(try place.redisSocket() == "/srv/s/redis.sock")
    #expect(try place.controlSocket(of: 77) == "/srv/s/control-77.sock")
  }

  @Test("without it: XDG, then the system's places for root, then the home directory")
  func others() throws {
    let xdg = try place(["XDG_STATE_HOME": "/x", "XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/h"])
    #expect(xdg.state == "/x/sluice/ns" && xdg.runtime == "/run/user/7/sluice/ns")
    let xdgOnly = try place(root: true, ["XDG_STATE_HOME": "/x"])
    #expect(xdgOnly.state == "/x/sluice/ns" && xdgOnly.runtime == "/x/sluice/ns")
    let root = try place(root: true, ["HOME": "/root"])
    #expect(root.state == "/var/lib/sluice/ns" && root.runtime == "/run/sluice/ns")
    let home = try place(["HOME": "/h", "XDG_STATE_HOME": "relative"])
    #expect(home.state == "/h/.local/state/sluice/ns" && home.runtime == home.state)
  }

  @Test("nowhere to go, a relative directory and a path too long for a socket say what to do")
  func unusable() throws {
    #expect(throws: StatePlace.Unusable.self) { try place([:]) }
    #expect(throws: StatePlace.Unusable.self) { try place(["SLUICE_STATE": "here"]) }
    let fits = try place(["SLUICE_STATE": "/" + String(repeating: "d", count: 95)])
    #expect(try fits.redisSocket().utf8.count == 107)
    let long = try place(["SLUICE_STATE": "/" + String(repeating: "d", count: 96)])
    #expect(throws: StatePlace.Unusable.self) { try long.redisSocket() }
  }
}
