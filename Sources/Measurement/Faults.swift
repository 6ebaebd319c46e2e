/// Which messages went wrong, one by one: the first of them, for a run that has any has failed anyway, and all are
/// counted elsewhere.
public struct Faults: Equatable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case lost, duplicated, reordered, corrupt
  }

  public struct Fault: Equatable, Sendable {
    public let kind: Kind
    /// Of the run; of a corrupt message, who heard it.
    public let socket: UInt32
    /// Counted from 0 for each socket. A corrupt message does not tell, and has 0.
    public let sequence: UInt32

    public init(_ kind: Kind, socket: UInt32, sequence: UInt32) {
      self.kind = kind
      self.socket = socket
      self.sequence = sequence
    }
  }

  public static let most = 100
  public private(set) var list: [Fault] = []

  public init() {}

  public mutating func add(_ kind: Kind, socket: UInt32, sequence: UInt32) {
    if list.count < Self.most { list.append(Fault(kind, socket: socket, sequence: sequence)) }
  }

  public mutating func merge(_ other: Faults) { list += other.list.prefix(Self.most - list.count) }

  /// Three numbers for each, on their way to another process.
  var encoded: [Int] {
    list.flatMap { fault in
      [Kind.allCases.firstIndex(of: fault.kind) ?? 0, Int(fault.socket), Int(fault.sequence)]
    }
  }

  init?(encoded numbers: [Int]) {
    guard numbers.count % 3 == 0, numbers.count / 3 <= Self.most else { return nil }
    for place in stride(from: 0, to: numbers.count, by: 3) {
      guard Kind.allCases.indices.contains(numbers[place]), let socket = UInt32(exactly: numbers[place + 1]),
        let sequence = UInt32(exactly: numbers[place + 2])
      else { return nil }
      add(Kind.allCases[numbers[place]], socket: socket, sequence: sequence)
    }
  }
}
