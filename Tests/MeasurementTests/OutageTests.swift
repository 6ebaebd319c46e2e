import Testing

@testable import Measurement

@Suite struct OutageTests {
  @Test("the longest silence counts, and where it began")
  func longest() {
    var outage = Outage()
    outage.expect(at: 100)
    for now: UInt64 in [150, 160, 400, 420] { outage.hear(at: now) }
    #expect((outage.longestNanoseconds, outage.beganAt) == (240, 160))
    outage.rest(at: 600)
    #expect(outage.longestNanoseconds == 240)
  }

  @Test("a socket that never hears anything was silent to the end")
  func silent() {
    var outage = Outage()
    outage.expect(at: 1000)
    outage.expect(at: 2000)
    outage.rest(at: 9000)
    #expect((outage.longestNanoseconds, outage.beganAt) == (8000, 1000))
  }

  @Test("silence nobody minds is none")
  func resting() {
    var outage = Outage()
    outage.hear(at: 5000)
    outage.expect(at: 6000)
    outage.rest(at: 6010)
    outage.hear(at: 90_000)
    outage.expect(at: 100_000)
    outage.rest(at: 100_005)
    #expect((outage.longestNanoseconds, outage.beganAt) == (10, 6000))
  }

  @Test("time that goes backwards is no silence")
  func backwards() {
    var outage = Outage()
    outage.expect(at: 100)
    outage.hear(at: 50)
    outage.hear(at: 110)
    outage.rest(at: 0)
    #expect(outage.longestNanoseconds == 10)
  }

  @Test("of several sockets the longest is the run's, in whatever order they are asked")
  func merge() {
    let outages = [(5, 70), (9, 40), (9, 20), (2, 1)].map { (length: UInt64, start: UInt64) in
      var outage = Outage()
      outage.expect(at: start)
      outage.rest(at: start + length)
      return outage
    }
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 2, 0, 3]] {
      var run = Outage()
      for index in order { run.merge(outages[index]) }
      #expect((run.longestNanoseconds, run.beganAt) == (9, 20))
    }
  }
}
