import EventLoop
import FleetState

extension GatePost.News {
  /// In the log, and in the fleet's timeline.
  func tell(slot: Int, _ registry: Registry, _ log: Log) {
    switch self {
    case .crashed(let text):
      log.error(text, event: "gate_crash")
      registry.tell(.crashed, text, slot: slot)
    case .hung(let text):
      log.error(text, event: "gate_hung")
      registry.tell(.hung, text, slot: slot)
    case .refused(let text):
      log.error(text, event: "gate_refused")
      registry.tell(.config, text, slot: slot)
    case .told(let text):
      log.info(text, event: "gate")
      registry.tell(.handover, text, slot: slot)
    }
  }
}
