/// A number as it was written: whoever passes it on may neither round an id of twenty digits nor make `1.0` a `1`.
package struct JSONNumber: Equatable, Sendable {
  package let text: String

  /// Nil unless a double comes near it: what is as large as `1e999` no reader knows what to do with.
  ///
  /// That it is a number as JSON writes them is its reader's part.
  init?(_ text: String) {
    guard let double = Double(text), double.isFinite else { return nil }
    self.text = text
  }

  /// The double that is nearest.
  package var double: Double { Double(text) ?? .nan }
}
