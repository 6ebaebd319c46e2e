import Testing

@testable import FleetState

@Suite struct LeaseTests {
  @Test("it is due at once, then each second, and held for five")
  func life() {
    var lease = Lease()
    #expect(lease.isDue(at: .zero) && !lease.isHeld(at: .zero))
    lease.renew(sentAt: .seconds(10))
    #expect(!lease.isDue(at: .milliseconds(10_999)) && lease.isDue(at: .seconds(11)))
    #expect(lease.isHeld(at: .milliseconds(14_999)) && !lease.isHeld(at: .seconds(15)))
    #expect(lease.milliseconds == 5000)
  }

  @Test("an answer that overtook another does not shorten it")
  func overtaken() {
    var lease = Lease()
    lease.renew(sentAt: .seconds(10))
    lease.renew(sentAt: .seconds(9))
    #expect(lease.isHeld(at: .milliseconds(14_999)))
  }
}
