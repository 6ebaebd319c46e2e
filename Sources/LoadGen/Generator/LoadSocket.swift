import EventLoop
import Measurement
import WireProtocol

/// One socket of the run: where it is in its life, and its books. Plain data; thousands lie side by side.
struct LoadSocket {
  enum Phase: UInt8 {
    /// Its time to open has not come.
    case planned
    case connecting
    case shaking
    case open
    /// Is to leave by the plan, or because the server asked it to, and waits for its last answers.
    case leaving
    /// Waits to come back.
    case resting
    /// Will not come back, or the run is over.
    case gone
  }

  var phase = Phase.planned
  var hasOpened = false
  var attempt: UInt8 = 0
  /// Messages that fell due while it was away, the first of them at `owedFrom`.
  var owed: UInt32 = 0
  var stream: StreamID?
  var conversation = Conversation(role: .client)
  var audit = DeliveryAudit()
  /// The longest it heard nothing, while it waited for an answer or to come back.
  var outage = Outage()
  /// When this attempt to connect began.
  var startedAt = Moment(nanoseconds: 0)
  /// When it was dropped, until it is back.
  var droppedAt: Moment?
  var owedFrom: UInt64 = 0
  var timer: TimerID?

  /// Messages can come, and answers are waited for.
  var isSpeaking: Bool { phase == .open || phase == .leaving }
}
