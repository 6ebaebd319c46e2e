import Testing

@testable import FleetState

@Suite struct HallTests {
  @Test("a list of halls survives its text", arguments: 1..<16)
  func lists(bits: UInt8) {
    let halls = Halls(rawValue: bits)
    #expect(Halls(halls.list) == halls)
  }

  @Test("what is no list of halls is refused", arguments: ["", ",", "ws,lobby", "WS", "all,ws"])
  func refused(_ text: String) { #expect(Halls(text) == nil) }

  @Test("a set holds the halls put into it and no others")
  func sets() {
    let halls: Halls = [Halls(.chat), Halls(.tasks)]
    #expect(Hall.allCases.filter { halls.contains($0) } == [.chat, .tasks])
    #expect(Halls(rawValue: 0xFF) == .all)
  }

  @Test("sums of made-up counts saturate")
  func saturating() {
    let huge = PerHall(ws: .max, chat: 5)
    #expect(huge.total == .max)
    #expect(saturatingSum(.min, -1) == .min)
  }
}
