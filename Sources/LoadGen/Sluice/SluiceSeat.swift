import FleetState

/// What a socket of `sluice.v1` knows of itself, so that it can go on over another connection: its session, how far it
/// has heard, and what it still waits for.
struct SluiceSeat: Equatable {
  struct Position: Equatable {
    var token: String
    var epoch: String
    var offset: EntryID
  }

  enum Hearing: Equatable {
    case new
    /// The other of two connections has brought it already.
    case again
    /// This very connection had come further.
    case misplaced
  }

  /// What is to be said first on a connection, and asked again until it is answered.
  private enum Asking: Equatable { case nothing, join, resume }

  static let joinID = "\"join\""
  static let resumeID = "\"resume\""

  /// What it hears.
  let channel: Name
  /// Somebody has joined the channel it speaks to: what it says is to be heard.
  var isHeard = false
  var receipts = Receipts()
  /// Nil before it has joined.
  private(set) var position: Position?
  /// Of the newest connection.
  private var welcome: Position?
  private var asking = Asking.nothing
  /// The server could not take the question yet.
  var asksAgain = false
  /// How far the newest connection has brought it, and the one before.
  private var heardHere = EntryID.zero
  private var heardThere = EntryID.zero
  /// Its session is not known any more: what came behind this is missed until it has joined anew.
  private var missedFrom: EntryID?

  init(channel: Name) { self.channel = channel }

  /// It goes on where it was; not so before the answer has come.
  var isSettled: Bool { asking == .nothing && position != nil }

  // MARK: Connections

  /// A second connection is opened beside the first.
  mutating func beginMove() { heardThere = heardHere }

  /// What the newest connection is asked first: to hear its channel, or to go on where it was.
  mutating func greeting() -> SluiceWish {
    asksAgain = false
    guard let position else {
      asking = .join
      heardHere = .zero
      return SluiceWish(.join(channel), id: Self.joinID)
    }
    asking = .resume
    heardHere = position.offset
    return SluiceWish(
      .resume(token: position.token, epoch: position.epoch, offset: position.offset), id: Self.resumeID)
  }

  mutating func greet(_ word: Position) { welcome = word }

  /// Hears its channel from `offset` on. What it was not told of before that is gone: that range.
  mutating func join(at offset: EntryID) -> ClosedRange<EntryID>? {
    guard asking == .join, var welcome else { return nil }
    asking = .nothing
    welcome.offset = offset
    position = welcome
    defer { missedFrom = nil }
    return missedFrom.map { min($0, offset)...offset }
  }

  /// Its session goes on, behind what is lost.
  mutating func resume(token: String?, behind lost: EntryID?) {
    asking = .nothing
    guard let welcome, var position else { return }
    if let token { position.token = token }
    if position.epoch != welcome.epoch {
      position.epoch = welcome.epoch
      position.offset = welcome.offset
      heardHere = .zero
    } else if let lost {
      position.offset = max(position.offset, lost)
    }
    self.position = position
  }

  /// The session is not known any more: a new one begins with the next greeting.
  mutating func forget() {
    missedFrom = missedFrom ?? position?.offset.next
    position = nil
  }

  /// A fresh token, for the connection that is to come.
  mutating func renew(_ token: String) { position?.token = token }

  // MARK: Messages

  /// Each connection brings everything behind where it began, so the further of two is where the socket is.
  mutating func hear(_ offset: EntryID, overFormer isFormer: Bool) -> Hearing {
    if offset <= (isFormer ? heardThere : heardHere) { return .misplaced }
    if isFormer { heardThere = offset } else { heardHere = offset }
    guard let known = position?.offset else { return .new }
    if offset <= known { return .again }
    position?.offset = offset
    return .new
  }
}
