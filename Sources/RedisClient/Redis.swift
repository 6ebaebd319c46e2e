package import EventLoop
package import FleetState

/// Commands to Redis from an event loop, answered in order, never waited for.
///
/// Not connected is an answer too (`down`), at once: nothing is kept back to be sent into a world that has changed.
/// All that is sent in one turn of the loop leaves in one write. An answer never comes from inside `send`.
package final class Redis {
  package typealias Answer = Result<RedisValue, RedisError>
  package typealias Completion = (Answer) -> Void

  package struct Tally: Equatable, Sendable {
    package var sent = 0
    package var answered = 0
    /// Errors Redis answered with.
    package var refused = 0
    /// Never sent: not connected, or at a limit.
    package var turnedAway = 0
    /// Sent, but the connection ended before an answer.
    package var lost = 0
  }

  /// After each (re)connection, when commands are taken.
  package var onReady: (() -> Void)?
  /// The connection has ended, or could not be made.
  package var onLost: (() -> Void)?
  /// When `health` has become another.
  package var onHealth: ((RedisHealth) -> Void)?
  package private(set) var tally = Tally()

  private let loop: EventLoop
  private let link: RedisLink<Completion>
  private var answers: [(Completion, Answer)] = []
  private var toldHealth = RedisHealth.down

  package init(
    _ loop: EventLoop, endpoint: RedisEndpoint, name: String,
    limits: RedisLink<Completion>.Limits = .init()
  ) {
    self.loop = loop
    link = RedisLink(loop, endpoint: endpoint, name: name, limits: limits)
    link.onReady = { [weak self] in
      self?.tellHealth()
      self?.onReady?()
    }
    link.onReply = { [weak self] completion, reply in self?.note(reply.value, for: completion) }
    link.onSilence = { [weak self] in self?.tellHealth() }
    link.onRead = { [weak self] in self?.deliver() }
    link.onLost = { [weak self] completions, error in self?.lose(completions, error) }
  }

  package var isReady: Bool { link.isReady }
  package var health: RedisHealth { link.health }
  /// Why there is no connection; `nil` while there is one.
  package var lastError: RedisError? { link.lastError }
  package var roundTripMicros: Int { link.roundTripMicros }
  package var waiting: Int { link.waiting }

  package func open() { link.open() }

  /// Ends for good; whoever waits is answered `down` first.
  package func close() {
    link.close()
    onReady = nil
    onLost = nil
    onHealth = nil
  }

  /// One command, word by word: `send("SET", key, value) { answer in … }`.
  package func send(_ words: String..., then completion: @escaping Completion = { _ in }) {
    send(words, then: completion)
  }

  package func send(_ words: [String], then completion: @escaping Completion = { _ in }) {
    send({ command in for word in words { command.add(word) } }, then: completion)
  }

  /// One command, written straight into what will be sent.
  package func send(_ fill: (inout RedisCommand) -> Void, then completion: @escaping Completion) {
    do throws(RedisError) {
      try link.send(completion, fill)
      tally.sent += 1
    } catch {
      tally.turnedAway += 1
      loop.next { completion(.failure(error)) }
    }
  }

  /// What was sent in this turn leaves now, not at its end: ahead of whatever else this turn says to others.
  package func pushOut() { link.pushOut() }

  private func note(_ value: RedisValue, for completion: @escaping Completion) {
    if case .error(let refusal) = value {
      tally.refused += 1
      link.note(refusal)
      answers.append((completion, .failure(.refused(refusal))))
    } else {
      tally.answered += 1
      link.noteSuccess()
      answers.append((completion, .success(value)))
    }
  }

  // Completions run when the session has finished speaking, because they send again.
  private func deliver() {
    tellHealth()
    let ready = answers
    answers.removeAll(keepingCapacity: ready.count < 4096)
    for (completion, answer) in ready { completion(answer) }
  }

  private func lose(_ completions: [Completion], _ error: RedisError) {
    tally.lost += completions.count
    tellHealth()
    onLost?()
    for completion in completions { completion(.failure(error)) }
  }

  private func tellHealth() {
    if link.health == toldHealth { return }
    toldHealth = link.health
    onHealth?(toldHealth)
  }
}
