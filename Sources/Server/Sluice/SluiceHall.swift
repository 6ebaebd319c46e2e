import Bytes
import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// What sockets of `sluice.v1` ask for, in whichever hall they are.
///
/// In: their messages, Redis' receipts, the beginning of a drain. Out: answers, entries of the bus, sockets that are to
/// be caught up. Every call comes in a change of the stream it is about.
final class SluiceHall {
  struct Terms {
    var heartbeat = Duration.seconds(30)
    var tokenLifetime = Duration.seconds(3600)
    var sessions = Sessions.Terms()

    /// Long before a token is too old, or a session forgotten.
    var renewalEvery: Duration { min(tokenLifetime / 2, .seconds(43_200)) }

    init(_ settings: ServerSettings) {
      heartbeat = settings.heartbeatInterval
      tokenLifetime = settings.reconnectTokenTTL
      sessions.mostBytes = Belongings.most(settings.limits)
      sessions.clientPatience = settings.reconnectTokenTTL
      sessions.patience = max(sessions.patience, settings.reconnectTokenTTL)
    }
  }

  /// Tokens can be issued from now on.
  var onReady: (() -> Void)?

  private let sockets: Sockets
  private let bus: Bus
  private let sessions: Sessions
  private let catchUp: CatchUp
  private let passes: Passes
  private let terms: Terms
  /// What sockets leave while it is looked up what their sessions had joined.
  private var leftMeanwhile: [StreamID: Set<Name>] = [:]

  /// In a channel with more members on this worker, nobody is told who comes and goes.
  private static let mostPresent = 1000
  /// Names of channels that mean something else.
  private static let reserved = ["broadcast"]
  private static let busyFor = 2
  /// Leaves that one socket may say before its session is known; more than any session has joined.
  private static let mostLeft = 256
  private static let mostJoined = "a socket joins up to \(Membership.most - 1) channels"

  init(_ sockets: Sockets, bus: Bus, redis: Redis, keys: RedisKeys, tokens: TokenKeys, terms: Terms) {
    self.sockets = sockets
    self.bus = bus
    self.terms = terms
    sessions = Sessions(
      sockets, redis: redis, publisher: bus.publisher, keys: keys, terms: terms.sessions)
    catchUp = CatchUp(sockets, redis: redis, bus: bus, keys: keys)
    passes = Passes(
      sockets.loop, keys: tokens, lifetime: terms.tokenLifetime, notes: SlotNotes(sockets.slotPages))
    passes.onKnown = { [unowned self] in onReady?() }
    catchUp.onArrived = { [unowned self] in arrived($0) }
    catchUp.onLost = { [unowned self] in lost($0) }
    sessions.onRestored = { [unowned self] in restored($0, $1) }
    bus.publisher.onReceipt = { [unowned self] in confirm($0, $1, $2) }
    bus.onRefused = { [unowned self] stream in
      sockets.table.change(stream) { refuseBusy(stream, nil) }
    }
  }

  var isReady: Bool { passes.isKnown }

  /// This process serves from now on.
  func begin() { passes.begin() }

  /// Redis takes commands (again).
  func connected() { passes.renew() }

  /// Another process serves from now on.
  func pause() {
    catchUp.forgetAll()
    leftMeanwhile.removeAll()
  }

  // MARK: Coming and going

  func came(_ stream: StreamID) {
    say(
      .welcome(
        SluiceWord.Welcome(
          session: name(of: stream)?.text ?? "", token: name(of: stream).flatMap(passes.issue),
          epoch: bus.epoch?.text ?? "", offset: bus.cursor,
          heartbeatMilliseconds: Int64(terms.heartbeat.wholeNanoseconds / 1_000_000))), to: stream)
  }

  func left(_ stream: StreamID) {
    leftMeanwhile[stream] = nil
    for membership in sockets.joined(by: stream) { tellPresence(stream, membership, joined: false) }
  }

  /// It goes on in another slot.
  func given(_ stream: StreamID) { leftMeanwhile[stream] = nil }

  /// One socket of a session has left a channel. Where another is in it, the session is still there.
  func left(_ session: ClientID, _ channel: Name) {
    let membership = Membership(AudienceKey(group: channel), channel.text)
    let others = sockets.memberships.members(of: AudienceKey(client: session))
    let other = others.first {
      sockets.isTalking($0) && sockets[$0].dress == .sluice && sockets.hasJoined($0, membership.key)
    }
    guard let other else { return }
    sockets.table.change(other) { tellPresence(other, membership, joined: true) }
  }

  /// It has come from another process, in the middle of whatever it was doing.
  func rejoined(_ stream: StreamID) {
    if sockets[stream].resuming == .restoring { restore(stream) } else { fellBehind(stream) }
  }

  /// It could not follow, and reads on by itself: as soon as it is known what it has joined.
  func fellBehind(_ stream: StreamID) {
    if sockets[stream].resuming == .restoring || sockets[stream].course != .behind { return }
    catchUp.add(stream)
  }

  /// However long it stays, it can come back: the token it has, and what Redis knows of its session, grow old.
  func renew(_ stream: StreamID) {
    sessions.renew(stream)
    if let token = name(of: stream).flatMap(passes.issue) { say(.token(token), to: stream) }
  }

  /// Its slot, before this server goes: a new connection first, then this one's end.
  func hint(_ stream: StreamID, in delay: Duration) {
    sockets[stream].isHinted = true
    let milliseconds = Int64(delay.wholeNanoseconds / 1_000_000)
    let token = name(of: stream).flatMap(passes.issue)
    say(.reconnect(inMilliseconds: milliseconds, token: token, reason: "server_shutdown"), to: stream)
  }

  private func name(of stream: StreamID) -> ClientID? {
    sockets.name(of: stream).flatMap { ClientID($0.name) }
  }

  // MARK: Asks

  func heard(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    guard opcode == .text else {
      return refuse(stream, nil, "bad_message", "messages of sluice.v1 are JSON texts")
    }
    let wish: SluiceWish
    do throws(SluiceWish.Refusal) { wish = try SluiceWish(payload) } catch {
      return refuse(stream, error.id, "bad_message", error.message)
    }
    switch wish.ask {
    case .publish(let channel, let data): publish(stream, channel, data, wish.id)
    case .send(let client, let data): say(data, as: .direct(to: client), stream, wish.id)
    case .join(let channel): join(stream, channel, wish.id)
    case .leave(let channel): leave(stream, channel, wish.id)
    case .set(let key, let value):
      keep(stream, sessions.setting(key, to: value, of: stream), wish.id)
    case .get(let key): keep(stream, sessions.getting(key, of: stream), wish.id ?? "null")
    case .resume(let token, let epoch, let offset): resume(stream, token, epoch, offset, wish.id)
    case .ping: say(.pong(id: wish.id), to: stream)
    }
  }

  private func publish(_ stream: StreamID, _ channel: Name, _ data: SluiceWish.Words, _ id: String?) {
    if Self.reserved.contains(channel.text) {
      return refuse(stream, id, "bad_channel", "\(channel) is the server's own channel")
    }
    guard let hall = Hall(channel.text) else { return say(data, as: .group(channel), stream, id) }
    // What clients say stays in their hall.
    if hall != sockets[stream].hall {
      return refuse(stream, id, "bad_channel", "this socket is in the hall \(sockets[stream].hall)")
    }
    say(data, as: .hall(hall), stream, id)
  }

  private func say(
    _ data: SluiceWish.Words, as kind: BusEntry.Kind, _ stream: StreamID, _ id: String?
  ) {
    let entry = BusEntry(kind, form: data.form, from: name(of: stream))
    let isTaken = bus.publish(stream, entry, data.text.utf8.span, receipt: id ?? "")
    if !isTaken { refuseBusy(stream, id) }
  }

  private func join(_ stream: StreamID, _ channel: Name, _ id: String?) {
    if Self.reserved.contains(channel.text) || Hall(channel.text) != nil {
      return refuse(stream, id, "bad_channel", "\(channel) is nobody's to join")
    }
    let membership = Membership(AudienceKey(group: channel), channel.text)
    leftMeanwhile[stream]?.remove(channel)
    let isNew = !sockets.hasJoined(stream, membership.key)
    guard !isNew || sockets.join(stream, membership) else {
      return refuse(stream, id, "too_many_channels", Self.mostJoined)
    }
    // What is not remembered is not joined: a client that comes back would miss it without a word.
    guard sessions.noteJoin(channel, by: stream, receipt: id) else {
      if isNew { sockets.part(stream, membership.key) }
      return refuseBusy(stream, id)
    }
    if !isNew { return }
    bus.joined(stream, membership.key)
    tellPresence(stream, membership, joined: true)
  }

  private func leave(_ stream: StreamID, _ channel: Name, _ id: String?) {
    let membership = Membership(AudienceKey(group: channel), channel.text)
    if leftMeanwhile[stream, default: []].count >= Self.mostLeft { return refuseBusy(stream, id) }
    // Another socket of its session may have joined it, or this one has not heard yet that it has.
    guard sessions.noteLeave(channel, by: stream, receipt: id) else { return refuseBusy(stream, id) }
    if sockets[stream].resuming == .restoring { leftMeanwhile[stream, default: []].insert(channel) }
    if sockets.part(stream, membership.key) { tellPresence(stream, membership, joined: false) }
  }

  private func tellPresence(_ stream: StreamID, _ membership: Membership, joined: Bool) {
    guard sockets.memberships.members(of: membership.key).count <= Self.mostPresent,
      let channel = Self.channel(of: membership)
    else { return }
    let entry = BusEntry(.presence(channel, joined: joined), from: name(of: stream))
    bus.publish(stream, entry, Span())
  }

  /// Nil for a name, and for a task that is watched.
  private static func channel(of membership: Membership) -> Name? {
    Name(membership.name).flatMap { AudienceKey(group: $0) == membership.key ? $0 : nil }
  }

  private func keep(_ stream: StreamID, _ command: [String]?, _ id: String?) {
    guard let command, bus.publisher.command(stream, command, receipt: id) else {
      return refuseBusy(stream, id)
    }
  }

  // MARK: Resuming

  private func resume(
    _ stream: StreamID, _ token: String, _ epoch: String, _ offset: EntryID, _ id: String?
  ) {
    guard sockets[stream].resuming == .no, sockets[stream].course != .behind else {
      return refuse(stream, id, "busy", "this socket is resuming already")
    }
    guard let session = passes.judge(token) else {
      return refuse(stream, id, "invalid_token", "the token is not of this fleet, or too old")
    }
    guard let present = bus.epoch else { return refuseBusy(stream, id) }
    if sockets[stream].hall == .clients && session != name(of: stream) {
      return refuse(stream, id, "invalid_token", "the token is another client's")
    }
    become(session, stream)
    sockets[stream].resuming = .restoring
    sockets[stream].replayed = 0
    sockets[stream].fallBehind(offset)
    if present.text != epoch {
      // Offsets of another life mean nothing in this one.
      sockets[stream].lose(from: offset, to: bus.cursor)
      sockets[stream].place = bus.cursor
    }
    restore(stream)
  }

  /// What it has joined under its name so far is the session's from here on.
  private func become(_ session: ClientID, _ stream: StreamID) {
    let isSame = name(of: stream) == session
    let channels = isSame ? [] : sockets.joined(by: stream).filter { Self.channel(of: $0) != nil }
    for membership in channels { tellPresence(stream, membership, joined: false) }
    sockets.rename(stream, Membership(AudienceKey(client: session), session.text))
    for membership in channels {
      guard let channel = Self.channel(of: membership) else { continue }
      if sessions.noteJoin(channel, by: stream, receipt: nil) {
        tellPresence(stream, membership, joined: true)
      } else {
        sockets.part(stream, membership.key)
        refuse(stream, nil, "unavailable", "\(channel) is joined no more: Redis cannot take it now")
      }
    }
  }

  private func restore(_ stream: StreamID) {
    sockets.loop.next { [self] in sessions.restore(stream) }
  }

  private func restored(_ stream: StreamID, _ channels: [Name]) {
    guard sockets[stream].resuming == .restoring else { return }
    let left = leftMeanwhile.removeValue(forKey: stream) ?? []
    for channel in channels where !left.contains(channel) {
      let membership = Membership(AudienceKey(group: channel), channel.text)
      if sockets.hasJoined(stream, membership.key) { continue }
      if sockets.join(stream, membership) {
        tellPresence(stream, membership, joined: true)
      } else {
        refuse(stream, nil, "too_many_channels", "\(channel) is not joined again: \(Self.mostJoined)")
      }
    }
    sockets[stream].resuming = .reading
    catchUp.add(stream)
  }

  /// Whoever has asked to resume is told once, with all that is gone; others before they hear what comes behind it.
  private func lost(_ stream: StreamID) {
    if sockets[stream].resuming == .no { tellResumed(stream) }
  }

  private func arrived(_ stream: StreamID) {
    if sockets[stream].resuming != .no || sockets[stream].hasLost { tellResumed(stream) }
  }

  private func tellResumed(_ stream: StreamID) {
    let record = sockets[stream]
    let lost = record.hasLost ? SluiceWord.Lost(from: record.lostFrom, to: record.lostTo) : nil
    let replayed = record.resuming == .no ? 0 : Int(clamping: record.replayed)
    sockets[stream].resuming = .no
    sockets[stream].hasLost = false
    sockets[stream].replayed = 0
    let token = name(of: stream).flatMap(passes.issue)
    say(.resumed(replayed: replayed, lost: lost, token: token), to: stream)
  }

  // MARK: Answers

  /// Redis has what a client asked to be told about, or does not want it.
  private func confirm(_ receipt: PublishLog.Receipt, _ kind: PublishLog.Kind, _ answer: Redis.Answer) {
    guard case .success(let value) = answer else {
      return refuseBusy(receipt.stream, receipt.id)
    }
    switch kind {
    case .message:
      let offset = value.text.flatMap { EntryID($0) }
      say(.ack(id: receipt.id, offset: offset, value: nil), to: receipt.stream)
    case .command: confirm(receipt, value)
    }
  }

  private func confirm(_ receipt: PublishLog.Receipt, _ value: RedisValue) {
    switch value {
    case .status("full"):
      refuse(receipt.stream, receipt.id, "too_much_data", "a session keeps no more than this server allows")
    case .bytes: say(.ack(id: receipt.id, offset: nil, value: value.text), to: receipt.stream)
    case .null: say(.ack(id: receipt.id, offset: nil, value: "null"), to: receipt.stream)
    // Of a channel that was joined or left.
    case .integer:
      say(.ack(id: receipt.id, offset: frontier(of: receipt.stream), value: nil), to: receipt.stream)
    case .boolean, .double, .status, .error, .array:
      say(.ack(id: receipt.id, offset: nil, value: nil), to: receipt.stream)
    }
  }

  /// What it has joined by now it hears behind this: one that has read by itself may be ahead of its worker.
  private func frontier(of stream: StreamID) -> EntryID {
    sockets[stream].course == .live ? bus.frontier : max(bus.frontier, sockets[stream].place)
  }

  private func refuseBusy(_ stream: StreamID, _ id: String?) {
    let word = SluiceWord.error(
      id: id, code: "unavailable", message: "Redis cannot take it now", retryAfterSeconds: Self.busyFor)
    say(word, to: stream)
  }

  private func refuse(_ stream: StreamID, _ id: String?, _ code: String, _ message: String) {
    say(.error(id: id, code: code, message: message, retryAfterSeconds: nil), to: stream)
  }

  private func say(_ word: SluiceWord, to stream: StreamID) {
    sockets.say(.text, "", word.text.utf8.span, to: stream)
  }
}
