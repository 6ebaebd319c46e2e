/// Where a socket belongs, by the route it came through (CONTRACT 1).
public enum Hall: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  case ws, chat, clients, tasks

  public init?(_ name: some StringProtocol) {
    guard let hall = Hall.allCases.first(where: { $0.name == name }) else { return nil }
    self = hall
  }

  public var name: String {
    switch self {
    case .ws: "ws"
    case .chat: "chat"
    case .clients: "clients"
    case .tasks: "tasks"
    }
  }

  public var description: String { name }
}

/// Some of the halls: where a broadcast is to be heard.
public struct Halls: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 0b1111 }
  @inlinable public init(_ hall: Hall) { self.init(rawValue: 1 << hall.rawValue) }

  public static let all = Halls(rawValue: 0b1111)

  @inlinable public func contains(_ hall: Hall) -> Bool { contains(Halls(hall)) }

  /// `ws,chat` or `all`; `nil` if a word is no hall or there is none.
  public init?(_ list: String) {
    if list == "all" {
      self = .all
      return
    }
    var halls: Halls = []
    for word in list.split(separator: ",") {
      guard let hall = Hall(word) else { return nil }
      halls.insert(Halls(hall))
    }
    if halls.isEmpty { return nil }
    self = halls
  }

  public var list: String {
    self == .all ? "all" : Hall.allCases.filter { contains($0) }.map(\.name).joined(separator: ",")
  }
}

/// One count for each hall.
public struct PerHall: Hashable, Sendable {
  public var ws = 0
  public var chat = 0
  public var clients = 0
  public var tasks = 0

  public init(ws: Int = 0, chat: Int = 0, clients: Int = 0, tasks: Int = 0) {
    self.ws = ws
    self.chat = chat
    self.clients = clients
    self.tasks = tasks
  }

  /// Saturates: the parts may come from a stranger's record.
  public var total: Int { Hall.allCases.reduce(0) { saturatingSum($0, self[$1]) } }

  public subscript(_ hall: Hall) -> Int {
    get {
      switch hall {
      case .ws: ws
      case .chat: chat
      case .clients: clients
      case .tasks: tasks
      }
    }
    set {
      switch hall {
      case .ws: ws = newValue
      case .chat: chat = newValue
      case .clients: clients = newValue
      case .tasks: tasks = newValue
      }
    }
  }

  package static func += (sum: inout PerHall, more: PerHall) {
    for hall in Hall.allCases { sum[hall] = saturatingSum(sum[hall], more[hall]) }
  }
}

/// Sums over records that anyone with access to Redis may have written must not trap.
package func saturatingSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? (a < 0 ? .min : .max) : sum
}
