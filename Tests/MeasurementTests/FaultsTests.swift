import Testing

@testable import Measurement

@Suite struct FaultsTests {
  @Test("the first hundred are kept, of one generator or of several")
  func bound() {
    var faults = Faults()
    for number in 0..<150 as Range<UInt32> { faults.add(.lost, socket: number, sequence: 1) }
    #expect(faults.list.count == Faults.most && faults.list.last?.socket == 99)
    var sum = Faults()
    sum.add(.corrupt, socket: 7, sequence: 0)
    sum.merge(faults)
    #expect(sum.list.count == Faults.most && sum.list.first?.kind == .corrupt)
  }

  @Test("they travel whole, and nonsense does not arrive")
  func travelling() {
    var faults = Faults()
    for (number, kind) in Faults.Kind.allCases.enumerated() {
      faults.add(kind, socket: .max, sequence: UInt32(number))
    }
    #expect(Faults(encoded: faults.encoded) == faults)
    for wrong in [[0], [0, 1], [4, 0, 0], [-1, 0, 0], [0, -1, 0], [0, 0, 1 << 32]] {
      #expect(Faults(encoded: wrong) == nil)
    }
  }
}
