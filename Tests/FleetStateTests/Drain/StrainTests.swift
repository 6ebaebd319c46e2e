import Testing

@testable import FleetState

@Suite struct StrainTests {
  @Test(
    "it grows in a straight line between its two figures",
    arguments: [
      (Int.min, 0), (0, 0), (100, 0), (101, 10), (150, 500), (199, 990), (200, 1000), (Int.max, 1000),
    ])
  func line(figure: Int, permille: Int) {
    #expect(Strain(of: figure, calm: 100, overwhelmed: 200).permille == permille)
  }

  @Test("there is nothing below calm and nothing above overwhelmed")
  func bounds() {
    #expect(Strain(permille: -5) == .calm)
    #expect(Strain(permille: 5000) == .overwhelmed)
    #expect(Strain.calm < .overwhelmed)
  }
}
