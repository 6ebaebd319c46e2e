extension Conversation {
  /// Reads what has arrived, calls `emit` for each event, and returns how many bytes from the front are done
  /// with. The caller keeps the rest and presents it again with more behind it.
  ///
  /// The span given to `emit` is valid during the call only: it lies in `input`, in `store` or on the bench.
  /// At most `frames` frames are finished in one call; a caller that commits each of them asks for one.
  /// After a violation, or the peer's close frame, everything is taken and ignored.
  @inlinable
  public mutating func receive<Store: MessageStore & ~Copyable>(
    _ input: Span<UInt8>, store: inout Store, bench: Workbench, atMost frames: Int = .max,
    emit: (Event, Span<UInt8>) -> Void
  ) throws(Violation) -> Int {
    do throws(Violation) {
      return try read(input, store: &store, bench: bench, atMost: frames, emit: emit)
    } catch {
      phase = .finished
      message = nil
      frame = nil
      throw error
    }
  }

  /// Lets go of stored bytes that are no longer needed. `receive` begins with it; call it after committing,
  /// so that a socket that falls silent holds nothing.
  @inlinable
  public func settle<Store: MessageStore & ~Copyable>(_ store: inout Store) throws(Violation) {
    let count = store.count
    if count == held { return }
    if count < held { throw .partLost }
    store.truncate(to: held)
  }

  @inlinable
  internal mutating func read<Store: MessageStore & ~Copyable>(
    _ input: Span<UInt8>, store: inout Store, bench: Workbench, atMost frames: Int,
    emit: (Event, Span<UInt8>) -> Void
  ) throws(Violation) -> Int {
    try settle(&store)
    var used = 0
    var framesLeft = frames
    while used < input.count, framesLeft > 0, phase != .finished {
      if frame == nil {
        let rest = input.extracting(droppingFirst: used)
        guard let header = try admit(rest) else { return used }
        let isWhole = header.length <= rest.count - header.size
        if isWhole || header.opcode.isControl || waits(for: header) {
          if !isWhole {
            try peek(at: rest, header, bench)
            return used
          }
          let end = header.size + header.length
          if try take(header, rest.extracting(header.size..<end), bench, emit) {
            used += end
            framesLeft -= 1
            continue
          }
        }
        begin(header)
        used += header.size
      }
      used += try stream(input.extracting(droppingFirst: used), &store, bench, emit)
      if frame == nil { framesLeft -= 1 }
    }
    bench.tidy()
    return phase == .finished ? input.count : used
  }

  /// Handles a whole frame that needs no store: a control frame, or a message in one piece. False: not such.
  @inlinable
  internal mutating func take(
    _ header: FrameHeader, _ payload: Span<UInt8>, _ bench: Workbench,
    _ emit: (Event, Span<UInt8>) -> Void
  ) throws(Violation) -> Bool {
    if header.opcode.isControl {
      try takeControl(header, payload, bench, emit)
      return true
    }
    if !header.isFinal || message != nil || phase != .open { return false }
    let whole = PartialMessage(
      kind: header.opcode == .text ? .text : .binary, isCompressed: header.isCompressed)
    guard let mask = header.mask else {
      try deliver(whole, payload, bench, emit)
      return true
    }
    try bench.unmask(payload, mask) { bytes throws(Violation) in
      try deliver(whole, bytes, bench, emit)
    }
    return true
  }

  @inlinable
  internal mutating func takeControl(
    _ header: FrameHeader, _ payload: Span<UInt8>, _ bench: Workbench,
    _ emit: (Event, Span<UInt8>) -> Void
  ) throws(Violation) {
    guard let mask = header.mask else { return try heed(header.opcode, payload, emit) }
    try bench.unmask(payload, mask) { bytes throws(Violation) in
      try heed(header.opcode, bytes, emit)
    }
  }

  @inlinable
  internal mutating func heed(
    _ opcode: Opcode, _ payload: Span<UInt8>, _ emit: (Event, Span<UInt8>) -> Void
  ) throws(Violation) {
    switch opcode {
    case .ping: if phase == .open { emit(.ping, payload) }
    case .pong: if phase == .open { emit(.pong, payload) }
    case .close:
      let code = try Conversation.closeCode(in: payload)
      phase = .finished
      message = nil
      emit(.close(code: code), code == nil ? payload : payload.extracting(droppingFirst: 2))
    case .continuation, .text, .binary: break
    }
  }

  /// Moves what is there of a frame to the store; at the end of the message, delivers it.
  @inlinable
  internal mutating func stream<Store: MessageStore & ~Copyable>(
    _ input: Span<UInt8>, _ store: inout Store, _ bench: Workbench,
    _ emit: (Event, Span<UInt8>) -> Void
  ) throws(Violation) -> Int {
    guard let frame else { return 0 }
    let count = frame.left < UInt64(input.count) ? Int(frame.left) : input.count
    try keep(input.extracting(first: count), frame.mask, &store)
    if frame.left > UInt64(count) {
      self.frame = PartialFrame(
        left: frame.left - UInt64(count), mask: frame.mask?.rotated(by: count), isFinal: frame.isFinal)
      return count
    }
    self.frame = nil
    if frame.isFinal, let message {
      self.message = nil
      try deliver(message, store.bytes.extracting(first: Int(message.held)), bench, emit)
    }
    return count
  }

  /// Appends a part of the message under way to the store; without one, drops it.
  @inlinable
  internal mutating func keep<Store: MessageStore & ~Copyable>(
    _ part: Span<UInt8>, _ mask: Mask?, _ store: inout Store
  ) throws(Violation) {
    guard var message, !part.isEmpty else { return }
    let held = Int(message.held)
    if store.count != held { store.truncate(to: held) }
    let copy = mask ?? Mask(0)
    if !store.append(part.count, { room in copy.copy(part, into: &room) }) { throw .noRoom }
    if message.isPlainText, !message.check.accept(store.bytes.extracting(droppingFirst: held)) {
      throw .invalidText
    }
    message.held += UInt32(part.count)  // below the limit, which `admit` has checked
    self.message = message
  }

  /// Gives a whole message out, inflated and checked.
  @inlinable
  internal func deliver(
    _ message: PartialMessage, _ payload: Span<UInt8>, _ bench: Workbench,
    _ emit: (Event, Span<UInt8>) -> Void
  ) throws(Violation) {
    if message.isCompressed {
      return try bench.inflate(payload, limit: Int(limits.message)) { bytes throws(Violation) in
        switch message.kind {
        case .text:
          if !UTF8Check.isValid(bytes) { throw .invalidText }
          emit(.text, bytes)
        case .binary:
          emit(.binary, bytes)
        }
      }
    }
    switch message.kind {
    case .text:
      // What came in pieces has been checked on the way; only its end is open.
      let isValid = message.held > 0 ? message.check.isComplete : UTF8Check.isValid(payload)
      if !isValid { throw .invalidText }
      emit(.text, payload)
    case .binary:
      emit(.binary, payload)
    }
  }

  /// Looks at the text of a short frame that waits for its end: wrong is said now, not when it is whole.
  /// Nothing is remembered, so the next look begins at the front again, which `longestWait` bounds.
  @usableFromInline
  internal func peek(
    at input: Span<UInt8>, _ header: FrameHeader, _ bench: Workbench
  ) throws(Violation) {
    guard phase == .open, !header.opcode.isControl else { return }
    let startsText = header.opcode == .text && !header.isCompressed
    guard startsText || message?.isPlainText == true else { return }
    var check = message?.check ?? UTF8Check()
    let mayBeText = try bench.unmask(input.extracting(droppingFirst: header.size), header.mask ?? Mask(0)) {
      bytes in check.accept(bytes)
    }
    if !mayBeText { throw .invalidText }
  }
}
