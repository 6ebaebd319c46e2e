import EventLoop
import Measurement

/// What is looked at once a second, on the second: it costs nothing per message.
extension Generator {
  func look(inSecond second: UInt64) {
    let end = (second + 1) * 1_000_000_000
    loop.after(moment(end).duration(since: .current)) { [weak self] in
      guard let self, stage != .ended else { return }
      bookAnswers(at: end - 1)
      lookAtOurselves(at: end - 1)
      if plan.failFast && stage == .running { judge() }
      look(inSecond: second + 1)
    }
  }

  func bookAnswers(at time: UInt64) {
    figures.answers.add(at: time, figures.received - answersBooked)
    answersBooked = figures.received
  }

  func lookAtOurselves(at time: UInt64) {
    let turn = loop.takeLongestTurn()
    figures.longestTurnNanoseconds = max(figures.longestTurnNanoseconds, turn)
    let isStrained = strain.look(
      cpu: Machine.cpuNanoseconds, sent: figures.sent, late: figures.lateSends, longestTurn: turn,
      nanoseconds: 1_000_000_000)
    if isStrained { figures.strainedSeconds.add(at: time) }
  }

  private func judge() {
    let now = summed
    guard let broken = plan.assertions.first(where: { $0.isBroken(by: now) }) else { return }
    onHopeless?(broken.text)
    onHopeless = nil
  }

  /// The figures with the books of all sockets.
  var summed: RunFigures {
    var figures = figures
    for socket in sockets {
      figures.lost += Int(socket.audit.lost)
      figures.duplicated += Int(socket.audit.duplicated)
      figures.reordered += Int(socket.audit.reordered)
      figures.add(socket.outage)
    }
    // Missing, but somebody has said why.
    figures.lost -= min(figures.lost, figures.unreceipted + figures.refused + figures.toldLost)
    return figures
  }
}
