import EventLoop
import FleetState
import TLS
import WireProtocol

/// What the worker knows of one socket, beside what the stream table does: plain data in shared pages.
///
/// Nothing here refers to memory of this process, so that the record can outlive it.
struct SocketRecord: BitwiseCopyable {
  enum Phase: UInt8, BitwiseCopyable {
    case vacant
    /// Speaks HTTP: nothing has been asked for yet that makes it a WebSocket.
    case asking
    case talking
    /// Our close frame is out; the peer's answer is awaited for a while.
    case closing
    /// Comes from a gate, which has yet to say whose it is. Since layout 5.
    case introducing
  }

  /// Whose doing its end is, for the ledger of a drain.
  enum Ending: UInt8, BitwiseCopyable {
    case left, paced, forced
  }

  /// Where it is in the stream, compared with its worker.
  enum Course: UInt8, BitwiseCopyable {
    /// It has heard what its worker has told.
    case live
    /// It could not follow, or has come back: it reads on from `place` by itself.
    case behind
    /// It has come from a worker that had told more: up to `place` it has heard everything.
    case ahead
  }

  /// How far a client that has come back is on its way.
  enum Resuming: UInt8, BitwiseCopyable {
    case no
    /// What it had joined is being looked up.
    case restoring
    case reading
  }

  var phase = Phase.vacant
  var hall = Hall.ws
  var manner = Manner.both
  var dress = Dress.plain
  var ending = Ending.left
  var course = Course.live
  /// The first of what it has joined is what it is called.
  var hasName = false
  var resuming = Resuming.no
  /// It was told to connect anew.
  var isHinted = false
  /// There are entries it can never be given, from the first of these to the second.
  var hasLost = false
  /// How many entries of its list of memberships hold.
  var joined: UInt8 = 0
  /// The window agreed on for what we send, 0 without permessage-deflate.
  var deflateBits: UInt8 = 0
  /// The batch in which it is on its way from one slot to another, 0 for none, and the slot that gives it.
  var batch: UInt32 = 0
  var giver: UInt32 = 0
  /// The drain at whose start it was open, 0 for none.
  var drain: UInt32 = 0
  /// Its place among the seats of its hall.
  var seat: UInt32 = 0
  /// The last fan-out that reached it, and the last in which something is its own.
  var delivered: UInt32 = 0
  var spoken: UInt32 = 0
  /// Of a session in `chat`: what it has said so far.
  var said: UInt64 = 0
  /// With `course`: the last entry of the stream that it has heard.
  var place = EntryID.zero
  var replayed: UInt64 = 0
  var lostFrom = EntryID.zero
  var lostTo = EntryID.zero
  var openedAt = Moment(nanoseconds: 0)
  var heardAt = Moment(nanoseconds: 0)
  var pingAt = Moment(nanoseconds: .max)
  var noticeAt = Moment(nanoseconds: .max)
  var noticeEvery = UInt64.zero
  /// What it has said of what it may say, and when it is read again.
  var spent = Throttle.Spent()
  var resumeAt = Moment(nanoseconds: .max)
  /// What it had not read at that moment ends there.
  var unsentMark = UInt64.zero
  var unsentSince = Moment(nanoseconds: 0)
  /// Messages it was told since it last had nothing unread.
  var unread: UInt32 = 0
  /// A request of it is being looked after in this process' own memory: a successor cannot go on with it.
  var isMidRequest = false
  var conversation = Conversation(role: .server)
  /// Where the first part of an unfinished message lies.
  var part = ExtentID.none
  /// What it has said so far. Since layout 4.
  var messages: UInt64 = 0
  /// Whose it is, if it comes through a gate; else the kernel knows. Since layout 5.
  var peer = PeerAddress.none
  /// Zero: for what a later build has to know (see `PageLayout`).
  var spare = InlineArray<4, UInt64>(repeating: 0)

  /// The layout before has none of these: whatever stands there is not known to be true.
  mutating func forgetNewest() { peer = .none }

  mutating func lose(from: EntryID, to: EntryID) {
    if !hasLost { lostFrom = from }
    hasLost = true
    lostTo = to
  }

  mutating func fallBehind(_ place: EntryID) {
    course = .behind
    self.place = place
  }

  /// `part`, as far as the record is one of a conversation: one that is closing has not given it back yet.
  var storedPart: ExtentID {
    switch phase {
    case .vacant, .introducing, .asking: .none
    case .talking, .closing: part
    }
  }
}

/// What a handshake has settled about a new socket.
struct Opening {
  var hall: Hall
  var manner: Manner
  var deflate: DeflateAgreement?
  var noticeEvery: Duration
  var isSluice = false
  /// What it is called, and what it has joined before it came.
  var name: Membership?
  var groups: [Membership] = []
  /// Another socket of this host goes for it, so it needs no seat of its own.
  var replaces = false
  /// Of a session that goes on: what it had said before.
  var said: UInt64 = 0

  /// It negotiated `sluice.v1`: who has no name gets one that nobody can guess, and no client can take. Others are
  /// shown it, and what is sent to it must reach nobody else. False: the system has no random bytes for it.
  mutating func speakSluice(renewedEvery interval: Duration) -> Bool {
    isSluice = true
    noticeEvery = interval
    if name != nil { return true }
    guard let bytes = try? Random.bytes(16) else { return false }
    let text = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    if let session = ClientID("~" + text) { name = Membership(AudienceKey(client: session), session.text) }
    return true
  }
}

/// What becomes of a text that a client of `/ws` sends.
enum Manner: UInt8, BitwiseCopyable, Sendable {
  /// Echoed with a prefix, and said to everybody else.
  case both
  case echo
  case others
  /// Comes back as it was: what test suites expect of an echo server.
  case mirror

  /// The value of `?mode=`; nil is no mode of ours.
  init?(mode: String?) {
    switch mode {
    case nil: self = .both
    case "echo": self = .echo
    case "chat": self = .others
    case "mirror": self = .mirror
    default: return nil
    }
  }
}
