/// A word that may become part of a key, a path or a screen without further thought: 1 to 64 of `[A-Za-z0-9_.-]`.
public struct Name: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let text: String

  public static let longest = 64

  /// `nil` for anything a key or a path could misread, `.` and `..` included.
  public init?(_ text: some StringProtocol) {
    let bytes = text.utf8
    guard !bytes.isEmpty, bytes.count <= Self.longest, bytes.allSatisfy(Self.allows) else { return nil }
    if text == "." || text == ".." { return nil }
    self.text = String(text)
  }

  /// The same from bytes, with nothing allocated for a short one.
  public init?(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty, bytes.count <= Self.longest else { return nil }
    for index in bytes.indices where !Self.allows(bytes[index]) { return nil }
    // What is allowed is ASCII, so it is UTF-8.
    guard let text = try? UTF8Span(validating: bytes) else { return nil }
    self.text = String(copying: text)
    if self.text == "." || self.text == ".." { return nil }
  }

  public var description: String { text }

  public static func < (a: Name, b: Name) -> Bool { a.text < b.text }

  private static func allows(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"): true
    default: false
    }
  }
}
