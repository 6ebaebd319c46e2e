/// Another host of the fleet that serves: those who are drained here come back there.
package struct Survivor: Equatable, Sendable {
  /// What can be hard for a host that is being reconnected to.
  package enum Sign: CaseIterable, Sendable {
    case loopLag, acceptQueue, redisRoundTrip
    /// It has not renewed its record: whatever the record says is no longer true.
    case silence
  }

  package let id: Name
  package let vitals: Vitals
  /// The age of its record, in milliseconds.
  package let silence: Int

  package init(_ id: Name, _ vitals: Vitals, silence: Int = 0) {
    self.id = id
    self.vitals = vitals
    self.silence = max(0, silence)
  }

  /// The fields of its record that tell of it.
  package static let names = ["state"] + Vitals.names

  /// `leaseLeft` is how long the record has yet to live: a lease is a record's age by the clock of Redis, which is
  /// the only one all hosts share. Nil for a host that takes no sockets: it starts, drains or is gone.
  package init?(_ id: Name, _ fields: Fields, leaseLeft: Int64, of lease: Lease) {
    guard fields.raw("state") == HostRecord.State.serving.rawValue else { return nil }
    let left = min(max(leaseLeft, 0), lease.milliseconds)
    self.init(id, Vitals(fields), silence: Int(lease.milliseconds - left))
  }

  package func strain(by sign: Sign) -> Strain {
    switch sign {
    case .loopLag: Strain(of: vitals.loopLagMicros, calm: 40_000, overwhelmed: 250_000)
    // A turn takes 64 from the queue; the kernel refuses when 4096 wait.
    case .acceptQueue: Strain(of: vitals.acceptQueue, calm: 128, overwhelmed: 1024)
    case .redisRoundTrip: Strain(of: vitals.redisMicros, calm: 50_000, overwhelmed: 500_000)
    // It speaks every second, and after five its lease is over.
    case .silence: Strain(of: silence, calm: 2500, overwhelmed: 4500)
    }
  }

  /// A host is as strained as what is worst there.
  package var strain: Strain { strain(by: worst) }

  package var worst: Sign {
    // The first of equals, so that it does not change its mind while all is calm.
    Sign.allCases.reduce(.loopLag) { strain(by: $0) >= strain(by: $1) ? $0 : $1 }
  }

  /// `web-2 loop lag 180 ms, accepting 240/s`
  package var complaint: String {
    let what =
      switch worst {
      case .loopLag: "loop lag \(vitals.loopLagMicros / 1000) ms"
      case .acceptQueue: "accept queue \(vitals.acceptQueue)"
      case .redisRoundTrip: "Redis round trip \(vitals.redisMicros / 1000) ms"
      case .silence: "silent for \(silence) ms"
      }
    let load = vitals.acceptedPerSecond > 0 ? ", accepting \(vitals.acceptedPerSecond)/s" : ""
    return "\(id) \(what)\(load)"
  }
}
