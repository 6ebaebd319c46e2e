public import Bytes

/// Where the first part of one socket's message waits for the rest: on the heap, or in pages that outlive the
/// worker.
///
/// The conversation knows how many of the bytes count. It appends behind them, and takes nothing away before
/// the next `receive` or `settle`: who copies the conversation (commits) in between can go back to the copy.
public protocol MessageStore: ~Copyable {
  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get
  }

  var count: Int { get }

  /// Lets `fill` write exactly `count` bytes behind what is held. False: there is no room, nothing changed.
  mutating func append(_ count: Int, _ fill: (inout MutableSpan<UInt8>) -> Void) -> Bool

  /// Drops everything behind the first `count` bytes; at 0 the memory may go, too.
  mutating func truncate(to count: Int)
}

/// Partial messages on the heap. Nothing is kept for an idle socket.
public struct HeapMessageStore: MessageStore, ~Copyable {
  @usableFromInline internal var buffer = ByteBuffer()

  @inlinable public init() {}

  @inlinable public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { buffer.bytes }
  }

  @inlinable public var count: Int { buffer.count }

  @inlinable public mutating func append(
    _ count: Int, _ fill: (inout MutableSpan<UInt8>) -> Void
  ) -> Bool {
    buffer.append(upTo: count) { room in
      fill(&room)
      return count
    }
    return true
  }

  @inlinable public mutating func truncate(to count: Int) {
    buffer.truncate(to: count)
    if count == 0 {
      buffer.clear()
      buffer.trim(above: 0)
    }
  }
}
