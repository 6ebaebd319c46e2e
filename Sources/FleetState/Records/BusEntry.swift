public import Bytes

/// What a worker publishes to all others: to whom, from whom, and as text or binary. The payload travels beside it.
///
/// An entry of `bus:<n>` has two fields, `m` with this line and `d` with the payload, so that a worker decodes one
/// short line per message and never copies the payload:
///
///     hall 1 text web-1/0/1700000000000/88213/512 -
///     kind halls form host/slot/life/connection/number target
public struct BusEntry: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// An operator's word, for these halls.
    case broadcast(Halls)
    /// A client's word, for its own hall.
    case hall(Hall)
    case direct(to: Name)
    case group(Name)
  }

  public enum Form: Hashable, Sendable { case text, binary }

  /// The socket that said it. Its own worker leaves it out of the delivery, or answers it.
  public struct Origin: Hashable, Sendable {
    public var host: Name
    public var slot: Int
    /// When the slot's pages were made: its connections and numbers count from there, whichever process serves it.
    public var life: UInt64
    public var connection: UInt64
    /// Counts what the slot publishes, so that what is sent again after a crash is known for it. 0: not counted.
    public var number: UInt64

    public init(host: Name, slot: Int, life: UInt64, connection: UInt64, number: UInt64 = 0) {
      self.host = host
      self.slot = slot
      self.life = life
      self.connection = connection
      self.number = number
    }
  }

  public static let headField: StaticString = "m"
  public static let dataField: StaticString = "d"

  public var kind: Kind
  public var form: Form
  public var origin: Origin?

  public init(_ kind: Kind, form: Form = .text, origin: Origin? = nil) {
    self.kind = kind
    self.form = form
    self.origin = origin
  }

  /// The line of field `m`.
  public func encode(into line: inout ByteBuffer) {
    switch kind {
    case .broadcast: line.append("broadcast " as StaticString)
    case .hall: line.append("hall " as StaticString)
    case .direct: line.append("direct " as StaticString)
    case .group: line.append("group " as StaticString)
    }
    line.append(decimal: halls.rawValue)
    line.append(form == .text ? " text " as StaticString : " binary " as StaticString)
    if let origin {
      line.append(origin.host.text)
      line.append(UInt8(ascii: "/"))
      line.append(decimal: origin.slot)
      line.append(UInt8(ascii: "/"))
      line.append(decimal: origin.life)
      line.append(UInt8(ascii: "/"))
      line.append(decimal: origin.connection)
      line.append(UInt8(ascii: "/"))
      line.append(decimal: origin.number)
    } else {
      line.append(UInt8(ascii: "-"))
    }
    line.append(UInt8(ascii: " "))
    switch kind {
    case .broadcast, .hall: line.append(UInt8(ascii: "-"))
    case .direct(let name), .group(let name): line.append(name.text)
    }
  }

  /// `nil` for a line this build does not understand in every part.
  public init?(_ line: Span<UInt8>) {
    var words = Words(line)
    let kind = words.next()
    guard let bits = decimal(words.next()), bits <= 15 else { return nil }
    let form = words.next()
    let origin = words.next()
    let target = words.next()
    if !words.isEmpty { return nil }

    let halls = Halls(rawValue: UInt8(bits))
    if kind.equals("broadcast") && !halls.isEmpty && target.equals("-") {
      self.kind = .broadcast(halls)
    } else if kind.equals("hall"), target.equals("-"), let hall = Self.only(halls) {
      self.kind = .hall(hall)
    } else if kind.equals("direct"), let name = Name(target) {
      self.kind = .direct(to: name)
    } else if kind.equals("group"), let name = Name(target) {
      self.kind = .group(name)
    } else {
      return nil
    }

    if form.equals("text") {
      self.form = .text
    } else if form.equals("binary") {
      self.form = .binary
    } else {
      return nil
    }

    self.origin = Origin(origin)
    if self.origin == nil && !origin.equals("-") { return nil }
  }

  private var halls: Halls {
    switch kind {
    case .broadcast(let halls): halls
    case .hall(let hall): Halls(hall)
    case .direct, .group: []
    }
  }

  private static func only(_ halls: Halls) -> Hall? {
    halls.rawValue.nonzeroBitCount == 1 ? Hall(rawValue: UInt8(halls.rawValue.trailingZeroBitCount)) : nil
  }
}

extension BusEntry.Origin {
  fileprivate init?(_ text: Span<UInt8>) {
    var words = Words(text, separator: UInt8(ascii: "/"))
    guard let host = Name(words.next()), let slot = decimal(words.next()), slot < 1024,
      let life = decimal(words.next()), let connection = decimal(words.next()),
      let number = decimal(words.next()), words.isEmpty
    else { return nil }
    self.init(host: host, slot: Int(slot), life: life, connection: connection, number: number)
  }
}

/// The words of a line, one after another, as views into it.
private struct Words: ~Escapable {
  private var rest: Span<UInt8>
  private let separator: UInt8
  private(set) var isEmpty = false

  @_lifetime(copy text)
  init(_ text: Span<UInt8>, separator: UInt8 = UInt8(ascii: " ")) {
    rest = text
    self.separator = separator
  }

  /// Empty when there is none left.
  @_lifetime(copy self)
  mutating func next() -> Span<UInt8> {
    guard let end = rest.firstIndex(of: separator) else {
      let word = rest
      rest = rest.extracting(last: 0)
      isEmpty = true
      return word
    }
    let word = rest.extracting(first: end)
    rest = rest.extracting((end + 1)...)
    return word
  }
}
