public import Bytes

/// A place in a Redis stream, and with it the offset of every message: milliseconds, then a number within them.
public struct EntryID: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
  public let milliseconds: UInt64
  public let sequence: UInt64

  @inlinable public init(milliseconds: UInt64, sequence: UInt64) {
    self.milliseconds = milliseconds
    self.sequence = sequence
  }

  /// Before every entry.
  public static let zero = EntryID(milliseconds: 0, sequence: 0)
  public static let last = EntryID(milliseconds: .max, sequence: .max)

  @inlinable public static func < (a: EntryID, b: EntryID) -> Bool {
    a.milliseconds == b.milliseconds ? a.sequence < b.sequence : a.milliseconds < b.milliseconds
  }

  /// The smallest one behind this; the last one has none and stays.
  public var next: EntryID {
    if sequence < .max { return EntryID(milliseconds: milliseconds, sequence: sequence + 1) }
    if milliseconds < .max { return EntryID(milliseconds: milliseconds + 1, sequence: 0) }
    return self
  }

  /// The largest one before this; zero has none and stays.
  public var previous: EntryID {
    if sequence > 0 { return EntryID(milliseconds: milliseconds, sequence: sequence - 1) }
    if milliseconds > 0 { return EntryID(milliseconds: milliseconds - 1, sequence: .max) }
    return self
  }

  /// `1700000000000-3`; the sequence may be missing and is then 0.
  public init?(_ text: Span<UInt8>) {
    let dash = text.firstIndex(of: UInt8(ascii: "-")) ?? text.count
    guard let milliseconds = decimal(text.extracting(0..<dash)) else { return nil }
    var sequence: UInt64 = 0
    if dash < text.count {
      guard let number = decimal(text.extracting((dash + 1)...)) else { return nil }
      sequence = number
    }
    self.init(milliseconds: milliseconds, sequence: sequence)
  }

  public init?(_ text: String) {
    var text = text
    text.makeContiguousUTF8()
    self.init(text.utf8.span)
  }

  public var description: String { "\(milliseconds)-\(sequence)" }

  public func write(into buffer: inout ByteBuffer) {
    buffer.append(decimal: milliseconds)
    buffer.append(UInt8(ascii: "-"))
    buffer.append(decimal: sequence)
  }
}

/// Digits only, at least one, and no more than fits.
func decimal(_ digits: Span<UInt8>) -> UInt64? {
  if digits.isEmpty { return nil }
  var value: UInt64 = 0
  for index in digits.indices {
    let digit = digits[index] &- UInt8(ascii: "0")
    if digit > 9 { return nil }
    let (product, tooBig) = value.multipliedReportingOverflow(by: 10)
    let (sum, overflow) = product.addingReportingOverflow(UInt64(digit))
    if tooBig || overflow { return nil }
    value = sum
  }
  return value
}
