/// By which number a build knows the layout of its shared pages, and which others it goes on with: its own, and the one
/// before.
///
/// A layout only grows: a new field takes its room from the `spare` at the end of its record, where the build before has
/// left zero, which has to mean "not known". So each size and place is the same in both, and either of the two can go on
/// after the other. Whoever adds a field raises `version`; the sizes make sure that nothing else has changed.
struct PageLayout: Equatable {
  static let version: UInt64 = 4

  var version = PageLayout.version
  /// What a slot takes with a certain number of sockets, and one record of each kind.
  var slotBytes: Int
  var recordBytes: Int
  var counterBytes: Int

  /// Whether this build goes on with pages of such a number, their sizes being right.
  static func isReadable(_ number: UInt64) -> Bool { number == version || number &+ 1 == version }

  static func refusal(of number: UInt64) -> ForeignPages {
    ForeignPages("pages of layout \(number), and this build goes on with \(version - 1) and \(version) alone")
  }

  /// How a running server asks the program on disk; the answer is that one's `canFollow`.
  var question: String { "\(version).\(slotBytes).\(recordBytes).\(counterBytes)" }

  /// Nil for what is no such question.
  init?(question: String) {
    let numbers = question.split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
    guard numbers.count == 4, let version = numbers[0], let slot = numbers[1].flatMap({ Int(exactly: $0) }),
      let record = numbers[2].flatMap({ Int(exactly: $0) }),
      let counter = numbers[3].flatMap({ Int(exactly: $0) })
    else { return nil }
    self.init(version: version, slotBytes: slot, recordBytes: record, counterBytes: counter)
  }

  init(version: UInt64 = PageLayout.version, slotBytes: Int, recordBytes: Int, counterBytes: Int) {
    self.version = version
    self.slotBytes = slotBytes
    self.recordBytes = recordBytes
    self.counterBytes = counterBytes
  }

  /// Whether a build of this layout goes on with what one of the other has left.
  func canFollow(_ other: PageLayout) -> Bool {
    guard Self.isReadable(other.version) else { return false }
    return slotBytes == other.slotBytes && recordBytes == other.recordBytes
      && counterBytes == other.counterBytes
  }
}

/// Why pages that another process has made are not touched.
struct ForeignPages: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
