import Testing

@testable import Measurement

@Suite struct StrainTests {
  @Test(
    "a second is strained by CPU, by late sends, or by one long turn",
    arguments: [
      (899_000_000, 20, 0, false), (901_000_000, 0, 0, true), (0, 20, 0, false), (0, 21, 0, true),
      (0, 0, 100_000_001, true),
    ] as [(UInt64, Int, UInt64, Bool)])
  func look(_ cpu: UInt64, _ late: Int, _ turn: UInt64, _ isStrained: Bool) {
    var strain = Strain()
    _ = strain.look(cpu: 5_000_000_000, sent: 9000, late: 700, longestTurn: 0, nanoseconds: 1_000_000_000)
    #expect(
      strain.look(
        cpu: 5_000_000_000 + cpu, sent: 10_000, late: 700 + late, longestTurn: turn,
        nanoseconds: 1_000_000_000)
        == isStrained)
  }

  @Test("seconds in a row are told as one time")
  func spans() {
    var figures = RunFigures()
    #expect(figures.strained.isEmpty)
    for second: UInt64 in [12, 13, 14, 18, 20, 21] { figures.strainedSeconds.add(at: second * 1_000_000_000) }
    #expect(figures.strained == [12..<15, 18..<19, 20..<22])
  }
}
