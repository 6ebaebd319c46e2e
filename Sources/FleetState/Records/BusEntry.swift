public import Bytes

/// What a worker publishes to all others: to whom, from whom, and in which form. The payload travels beside it.
///
/// An entry of `bus:<n>` has two fields, `m` with this line and `d` with the payload, so that a worker decodes one
/// short line per message and never copies the payload:
///
///     hall 1 text web-1/0/1700000000000/88213/512 - - -
///     kind halls form host/slot/life/connection/number target =from =except
public struct BusEntry: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// An operator's word, for these halls.
    case broadcast(Halls)
    /// A client's word, for its own hall.
    case hall(Hall)
    case direct(to: ClientID)
    /// For whoever has joined it; a channel of `sluice.v1` is the same thing.
    case group(Name)
    /// How a task stands, for whoever watches it.
    case task(Name)
    /// The sender has joined a group, or left it.
    case presence(Name, joined: Bool)

    /// This client has just come, at `origin`: whoever else holds one of that name lets go.
    case claim(ClientID)
    case close(ClientID)
    case joins(ClientID, Name)
    case parts(ClientID, Name)
    /// To the worker that asked with a number (`connection`), for how many sockets it was (`number`).
    case answer(Origin)
  }

  public enum Form: Hashable, Sendable, CaseIterable {
    case text, binary, json

    fileprivate var word: StaticString {
      switch self {
      case .text: "text"
      case .binary: "binary"
      case .json: "json"
      }
    }
  }

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
  /// Roughly how many entries the stream keeps for whoever was away.
  public static let mostKept = 20_000

  public var kind: Kind
  public var form: Form
  public var origin: Origin?
  /// The name its readers are shown.
  public var from: ClientID?
  /// Whoever bears this name is not told.
  public var except: ClientID?

  public init(
    _ kind: Kind, form: Form = .text, origin: Origin? = nil, from: ClientID? = nil, except: ClientID? = nil
  ) {
    self.kind = kind
    self.form = form
    self.origin = origin
    self.from = from
    self.except = except
  }

  // MARK: Writing

  /// The line of field `m`.
  public func encode(into line: inout ByteBuffer) {
    line.append(word)
    line.append(decimal: halls.rawValue)
    line.append(UInt8(ascii: " "))
    line.append(form.word)
    line.append(UInt8(ascii: " "))
    if let origin { origin.encode(into: &line) } else { line.append(UInt8(ascii: "-")) }
    line.append(UInt8(ascii: " "))
    encodeTarget(into: &line)
    Self.append(from, to: &line)
    Self.append(except, to: &line)
  }

  private var word: StaticString {
    switch kind {
    case .broadcast: "broadcast "
    case .hall: "hall "
    case .direct: "direct "
    case .group: "group "
    case .task: "task "
    case .presence(_, let joined): joined ? "arrives " : "departs "
    case .claim: "claim "
    case .close: "close "
    case .joins: "joins "
    case .parts: "parts "
    case .answer: "answer "
    }
  }

  private func encodeTarget(into line: inout ByteBuffer) {
    switch kind {
    case .broadcast, .hall: line.append(UInt8(ascii: "-"))
    case .direct(let client), .claim(let client), .close(let client): line.append(client.text)
    case .group(let name), .task(let name), .presence(let name, _): line.append(name.text)
    case .joins(let client, let group), .parts(let client, let group):
      line.append(group.text)
      line.append(UInt8(ascii: "/"))
      line.append(client.text)
    case .answer(let asker): asker.encode(into: &line)
    }
  }

  private static func append(_ client: ClientID?, to line: inout ByteBuffer) {
    guard let client else { return line.append(" -" as StaticString) }
    line.append(" =" as StaticString)
    line.append(client.text)
  }

  private var halls: Halls {
    switch kind {
    case .broadcast(let halls): halls
    case .hall(let hall): Halls(hall)
    case .direct, .group, .task, .presence, .claim, .close, .joins, .parts, .answer: []
    }
  }

  // MARK: Reading

  /// `nil` for a line this build does not understand in every part.
  public init?(_ line: Span<UInt8>) {
    var words = Words(line)
    let kind = words.next()
    guard let bits = decimal(words.next()), bits <= 15 else { return nil }
    let form = words.next()
    let origin = words.next()
    let target = words.next()
    let from = words.next()
    let except = words.next()
    if !words.isEmpty { return nil }

    guard let read = Self.kind(kind, Halls(rawValue: UInt8(bits)), target) else { return nil }
    self.kind = read
    guard let known = Form.allCases.first(where: { form.equals($0.word) }) else { return nil }
    self.form = known
    self.origin = Origin(origin)
    if self.origin == nil && !origin.equals("-") { return nil }
    self.from = Self.client(from)
    if self.from == nil && !from.equals("-") { return nil }
    self.except = Self.client(except)
    if self.except == nil && !except.equals("-") { return nil }
  }

  private static func kind(_ word: Span<UInt8>, _ halls: Halls, _ target: Span<UInt8>) -> Kind? {
    if word.equals("hall") { return target.equals("-") ? only(halls).map { .hall($0) } : nil }
    if word.equals("broadcast") {
      return target.equals("-") && !halls.isEmpty ? .broadcast(halls) : nil
    }
    if word.equals("direct") { return ClientID(target).map { .direct(to: $0) } }
    if word.equals("group") { return Name(target).map { .group($0) } }
    if word.equals("arrives") { return Name(target).map { .presence($0, joined: true) } }
    if word.equals("departs") { return Name(target).map { .presence($0, joined: false) } }
    if word.equals("task") { return Name(target).map { .task($0) } }
    if word.equals("claim") { return ClientID(target).map { .claim($0) } }
    if word.equals("close") { return ClientID(target).map { .close($0) } }
    if word.equals("answer") { return Origin(target).map { .answer($0) } }
    let isJoining = word.equals("joins")
    guard isJoining || word.equals("parts"), let slash = target.firstIndex(of: UInt8(ascii: "/")),
      let group = Name(target.extracting(first: slash)),
      let client = ClientID(target.extracting(droppingFirst: slash + 1))
    else { return nil }
    return isJoining ? .joins(client, group) : .parts(client, group)
  }

  private static func client(_ word: Span<UInt8>) -> ClientID? {
    word.isEmpty || word[0] != UInt8(ascii: "=") ? nil : ClientID(word.extracting(droppingFirst: 1))
  }

  private static func only(_ halls: Halls) -> Hall? {
    halls.rawValue.nonzeroBitCount == 1 ? Hall(rawValue: UInt8(halls.rawValue.trailingZeroBitCount)) : nil
  }
}

extension BusEntry.Origin {
  fileprivate func encode(into line: inout ByteBuffer) {
    line.append(host.text)
    line.append(UInt8(ascii: "/"))
    line.append(decimal: slot)
    line.append(UInt8(ascii: "/"))
    line.append(decimal: life)
    line.append(UInt8(ascii: "/"))
    line.append(decimal: connection)
    line.append(UInt8(ascii: "/"))
    line.append(decimal: number)
  }

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
