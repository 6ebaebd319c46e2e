/// An offset of `sluice.v1`.
struct Place: Comparable {
  let milliseconds: UInt64
  let sequence: UInt64

  init(_ text: Any?) throws {
    let numbers = (text as? String ?? "").split(separator: "-").compactMap { UInt64($0) }
    guard numbers.count == 2 else { throw Trouble("\(text ?? "nothing") is no offset") }
    (milliseconds, sequence) = (numbers[0], numbers[1])
  }

  var text: String { "\(milliseconds)-\(sequence)" }

  static func < (one: Place, other: Place) -> Bool {
    (one.milliseconds, one.sequence) < (other.milliseconds, other.sequence)
  }
}
