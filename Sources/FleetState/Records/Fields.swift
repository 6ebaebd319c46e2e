import Bytes

/// A Redis hash or stream entry as text: names with values, in order.
///
/// Whoever reaches our Redis may have written it, so every way to read it is bounded and cannot trap: a missing or
/// garbled field has a default, a text comes out printable.
package struct Fields: Equatable, Sendable {
  package struct Field: Equatable, Sendable {
    package let name: String
    package let value: String
  }

  package private(set) var list: [Field] = []

  /// No record of ours has half as many.
  package static let most = 256

  package init() {}

  package init(_ pairs: some Sequence<(String, String)>) {
    for (name, value) in pairs.prefix(Self.most) { list.append(Field(name: name, value: value)) }
  }

  // MARK: Writing

  package mutating func set(_ name: String, _ value: String) {
    list.append(Field(name: name, value: value))
  }

  package mutating func set(_ name: String, _ value: some FixedWidthInteger) { set(name, String(value)) }

  /// Leaves out what is not there.
  package mutating func set(_ name: String, ifAny value: String?) {
    if let value { set(name, value) }
  }

  /// Several counts in one field: `close=3 reset=1`.
  package mutating func set(_ name: String, counts: [String: Int]) {
    let words = counts.sorted { $0.key < $1.key }.prefix(Self.mostCounts).map { "\($0.key)=\($0.value)" }
    set(name, words.joined(separator: " "))
  }

  // MARK: Reading

  /// As it was written. The last one wins, as in a hash.
  package func raw(_ name: String) -> String? { list.last { $0.name == name }?.value }

  /// Safe to show; empty if it is missing.
  package func text(_ name: String, limit: Int = 256) -> String { printable(raw(name) ?? "", limit: limit) }

  package func name(_ name: String) -> Name? { raw(name).flatMap { Name($0) } }

  package func number<Number: FixedWidthInteger>(_ name: String, as: Number.Type = Number.self) -> Number? {
    raw(name).flatMap { Number($0) }
  }

  /// A number of things: never negative, 0 if missing or garbled.
  package func count(_ name: String) -> Int { max(0, number(name) ?? 0) }

  package func counts(_ name: String) -> [String: Int] {
    var counts: [String: Int] = [:]
    let words = (raw(name) ?? "").split(separator: " ", maxSplits: Self.mostCounts)
    for word in words.prefix(Self.mostCounts) {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let count = Int(parts[1]), count >= 0 else { continue }
      counts[printable(parts[0], limit: 48)] = count
    }
    return counts
  }

  package func words(_ name: String, most: Int = 16) -> [String] {
    let words = (raw(name) ?? "").split(separator: " ", maxSplits: most)
    return words.prefix(most).map { printable($0, limit: 128) }
  }

  private static let mostCounts = 48
}
