/// The name of one life of the streams. It changes when Redis lost data; offsets of another epoch mean nothing.
public struct Epoch: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// What was found under the key, or `nil` if nobody of ours can have written it.
  public init?(_ text: some StringProtocol) {
    guard let name = Name(text) else { return nil }
    self.text = name.text
  }

  /// A name nobody had before: 16 hexadecimal digits.
  public static func fresh(using random: inout some RandomNumberGenerator) -> Epoch {
    let digits = String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
    return Epoch(known: String(repeating: "0", count: 16 - digits.count) + digits)
  }

  private init(known text: String) { self.text = text }

  public var description: String { text }
}

/// A place in the life of a stream: what a client gives to resume.
public struct Offset: Hashable, Sendable, CustomStringConvertible {
  public var epoch: Epoch
  public var id: EntryID

  public init(epoch: Epoch, id: EntryID) {
    self.epoch = epoch
    self.id = id
  }

  /// `9f3c…/1700000000000-3`
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let epoch = Epoch(parts[0]), let id = EntryID(String(parts[1])) else {
      return nil
    }
    self.init(epoch: epoch, id: id)
  }

  public var description: String { "\(epoch)/\(id)" }
}
