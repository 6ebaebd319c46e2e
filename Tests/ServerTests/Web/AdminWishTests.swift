import FleetState
import Testing

@testable import Server

@Suite struct AdminWishTests {
  private func wish(_ verb: ControlCommand.Verb, _ body: String) throws(AdminWish.Refusal) -> AdminWish {
    let bytes = Array(body.utf8)
    return try AdminWish(verb, bytes.span)
  }

  @Test("no body and an empty object mean: this host, as it was told at its start", arguments: ["", "{}"])
  func plain(_ body: String) throws {
    let wish = try wish(.drain, body)
    #expect(wish.verb == .drain && wish.target == nil && wish.preset == nil)
  }

  @Test("a drain may name its preset, anything its target")
  func members() throws {
    let drain = try wish(.drain, #"{"preset": "swift", "target": "*"}"#)
    #expect(drain.preset == DrainPreset("swift") && drain.target == .all)
    let host = try #require(Name("web-1"))
    #expect(try wish(.roll, #"{"target": "web-1/3"}"#).target == .worker(host, slot: 3))
    #expect(try wish(.undrain, #"{"target": "web-1"}"#).target == .host(host))
  }

  @Test(
    "half understood is not obeyed",
    arguments: [
      "x", "[]", "null", "\"drain\"", #"{"preset": "gentle"}"#, #"{"preset": 3}"#, #"{"target": "a b"}"#,
      #"{"target": "a/9999999"}"#, #"{"target": null}"#, #"{"presets": "swift"}"#, #"{"\u001b[2J": "x"}"#,
      #"{"target": "*", "force": "yes"}"#,
    ])
  func refused(_ body: String) {
    #expect {
      try wish(.drain, body)
    } throws: { error in
      let reason = (error as? AdminWish.Refusal)?.reason ?? ""
      return !reason.isEmpty && reason.utf8.allSatisfy { $0 >= 0x20 }
    }
  }

  @Test("a preset is for a drain alone")
  func presetOfRoll() {
    #expect(throws: AdminWish.Refusal(reason: "preset means nothing to roll")) {
      try wish(.roll, #"{"preset": "swift"}"#)
    }
  }
}
