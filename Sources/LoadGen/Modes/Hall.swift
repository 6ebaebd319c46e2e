import Measurement

/// A run in which all hear what a publisher says: who says it, and from which publication on each socket is to hear.
struct Hall {
  private(set) var publications: Publications
  /// Nil in processes that only hear.
  let publisher: Publisher?
  private var heardFrom: [UInt32]
  /// How many were to hear the last publication, and how many more begin with one that has not been said yet.
  private(set) var listeners = 0
  private var newcomers: [UInt32: Int] = [:]

  init(_ publications: Publications, publisher: Publisher?, sockets: Int) {
    self.publications = publications
    self.publisher = publisher
    heardFrom = Array(repeating: .max, count: sockets)
  }

  var due: UInt64 { publications.due }

  /// The socket that speaks; what it says it need not hear.
  var speaking: Int? { if case .socket? = publisher { 0 } else { nil } }

  mutating func take() -> UInt32 {
    let number = publications.take()
    listeners += newcomers.removeValue(forKey: number) ?? 0
    return number
  }

  /// A socket has opened: it is to hear what falls due from now on.
  mutating func enter(_ socket: Int, _ audit: inout DeliveryAudit, at now: UInt64) {
    if socket == speaking { return }
    heardFrom[socket] = max(publications.number(by: now), publications.next)
    newcomers[heardFrom[socket], default: 0] += 1
    audit.begin(at: heardFrom[socket])
  }

  func hears(_ publication: UInt32, _ socket: Int) -> Bool { publication >= heardFrom[socket] }
}
