import CLinux

/// What a descriptor is ready for.
public struct Readiness: OptionSet, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let readable = Readiness(rawValue: UInt32(CLINUX_READ))
  package static let writable = Readiness(rawValue: UInt32(CLINUX_WRITE))
  package static let hangup = Readiness(rawValue: UInt32(CLINUX_HANGUP))
  package static let failed = Readiness(rawValue: UInt32(CLINUX_ERROR))
}

/// An epoll instance with a buffer for one batch of events. Level-triggered.
@safe
struct Poller: ~Copyable {
  private let descriptor: Descriptor
  private let events: UnsafeMutableBufferPointer<clinux_event>
  private static let batch = 512

  init() throws(SystemError) {
    descriptor = Descriptor(owning: try checked(clinux_poller(), "epoll_create"))
    unsafe events = .allocate(capacity: Self.batch)
    unsafe events.initialize(repeating: clinux_event(token: 0, events: 0))
  }

  deinit { unsafe events.deallocate() }

  func watch(_ fd: Int32, for interest: Readiness, token: UInt64) throws(SystemError) {
    try checked(clinux_watch(descriptor.number, fd, interest.rawValue, token), "epoll_ctl")
  }

  func rewatch(_ fd: Int32, for interest: Readiness, token: UInt64) {
    _ = clinux_rewatch(descriptor.number, fd, interest.rawValue, token)
  }

  func unwatch(_ fd: Int32) { _ = clinux_unwatch(descriptor.number, fd) }

  /// Waits for events or the timeout (nil: for ever) and tells how many came.
  func wait(nanoseconds: UInt64?) throws(SystemError) -> Int {
    let timeout = nanoseconds.map { Int64(clamping: $0) } ?? -1
    // SAFETY: `events` holds `batch` initialized entries for as long as this value lives.
    return Int(
      try unsafe checked(
        clinux_wait(descriptor.number, events.baseAddress, Int32(Self.batch), timeout), "epoll_wait"))
  }

  func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
    precondition(index >= 0 && index < Self.batch)
    let event = unsafe events[index]
    return (event.token, Readiness(rawValue: event.events))
  }
}
