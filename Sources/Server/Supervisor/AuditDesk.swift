import EventLoop
import FleetState

/// Compares what a host's workers, standbys, kernel and Redis say of its sockets, and names each gap.
///
/// While sockets come and go, two counts taken one after the other differ without anything being wrong. So a gap of
/// counts is a finding only if it is there each time it is looked for.
final class AuditDesk {
  var onReport: ((AuditReport, Name) -> Void)?
  /// Asks every process of every slot.
  var ask: ((_ fixing: Bool) -> Void)?
  /// What Redis says that a slot's worker has open.
  var registered: ((_ slot: Int, _ answer: @escaping (Int?) -> Void) -> Void)?

  private let loop: EventLoop
  private let board: Board
  private let listeners: Listeners
  private var command: Name?
  private var isFixing = false
  private var looksLeft = 0
  /// By slot: what its worker found, and how many sockets its standby has.
  private var found: [Int: [Audit.Gap]] = [:]
  private var kept: [Int: Int] = [:]
  private var checked: [Int: Int] = [:]
  /// Gaps of counts, with how often in a row they were seen.
  private var suspicions: [String: (slot: Int?, what: String, text: String, times: Int)] = [:]

  private static let looks = 3
  private static let pause = Duration.milliseconds(300)

  init(_ loop: EventLoop, board: Board, listeners: Listeners) {
    self.loop = loop
    self.board = board
    self.listeners = listeners
  }

  /// False: one is under way.
  func begin(_ command: ControlCommand) -> Bool {
    if self.command != nil { return false }
    self.command = command.id
    isFixing = command.arguments["fix"] == "true"
    looksLeft = Self.looks
    found = [:]
    suspicions = [:]
    look()
    return true
  }

  func heard(_ slot: Int, _ word: AuditWord) {
    guard command != nil else { return }
    if let kept = word.kept {
      self.kept[slot] = kept
    } else {
      checked[slot] = word.checked
      for gap in word.gaps where gap.fixed > 0 || looksLeft == 0 { found[slot, default: []].append(gap) }
    }
  }

  private func look() {
    looksLeft -= 1
    kept = [:]
    checked = [:]
    ask?(isFixing)
    loop.after(Self.pause) { [unowned self] in
      compare()
      if looksLeft > 0 { look() } else { finish() }
    }
  }

  private func compare() {
    var seen: Set<String> = []
    func suspect(_ slot: Int?, _ what: String, _ text: String) {
      let key = "\(slot ?? -1) \(what)"
      seen.insert(key)
      suspicions[key] = (slot, what, text, (suspicions[key]?.times ?? 0) + 1)
    }
    for slot in 0..<board.slotCount {
      let open = Int(clamping: board[slot].connections)
      switch kept[slot] {
      case nil: suspect(slot, "unguarded", "worker \(slot) has no standby: its sockets would not survive it")
      case let kept? where kept != open:
        suspect(slot, "unguarded", "the standby of worker \(slot) has a hold of \(kept) of \(open) sockets")
      case _?: break
      }
      if checked[slot] == nil { suspect(slot, "silent", "worker \(slot) did not answer") }
    }
    let open = (0..<board.slotCount).reduce(0) { $0 + Int(clamping: board[$1].connections) }
    if let inKernel = listeners.established, inKernel != open {
      suspect(nil, "kernel", "the kernel has \(inKernel) connections to our ports, the workers have \(open)")
    }
    suspicions = suspicions.filter { seen.contains($0.key) }
    for slot in 0..<board.slotCount where looksLeft == 0 { compareRegistry(slot) }
  }

  private func compareRegistry(_ slot: Int) {
    let open = Int(clamping: board[slot].sockets)
    registered?(slot) { [weak self] said in
      guard let self, command != nil, let said, said != open,
        Int(clamping: board[slot].sockets) == open
      else { return }
      let text = "Redis has \(said) sockets for worker \(slot), which has \(open)"
      suspicions["\(slot) registry"] = (slot, "registry", text, Self.looks)
    }
  }

  /// What Redis answers comes a moment later.
  private func finish() {
    loop.after(Self.pause) { [unowned self] in
      guard let command else { return }
      self.command = nil
      var report = AuditReport(checked: checked.values.reduce(0, +))
      for (slot, gaps) in found.sorted(by: { $0.key < $1.key }) {
        for gap in gaps {
          report.add(
            AuditReport.Finding(
              slot: slot, what: gap.kind.rawValue, count: gap.count, fixed: gap.fixed,
              text:
                "worker \(slot): \(gap.count) \(gap.kind == .ghost ? "records without a socket" : "wrong counts")"
            ))
        }
      }
      for suspicion in suspicions.values.sorted(by: { $0.text < $1.text })
      where suspicion.times >= Self.looks {
        report.add(
          AuditReport.Finding(slot: suspicion.slot, what: suspicion.what, text: suspicion.text))
      }
      onReport?(report, command)
    }
  }
}
