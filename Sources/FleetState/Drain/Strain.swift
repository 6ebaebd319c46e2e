/// How hard a host finds its work: from 0, calm, to 1000, overwhelmed.
package struct Strain: Comparable, Sendable {
  package let permille: Int

  package static let calm = Strain(permille: 0)
  package static let overwhelmed = Strain(permille: 1000)

  package init(permille: Int) { self.permille = min(max(permille, 0), 1000) }

  /// Grows in a straight line between two figures; below the first all is well, from the second on nothing is.
  package init(of figure: Int, calm: Int, overwhelmed: Int) {
    precondition(calm < overwhelmed, "strain grows with its figure")
    let within = min(max(figure, calm), overwhelmed) - calm
    self.init(permille: within * 1000 / (overwhelmed - calm))
  }

  package static func < (a: Strain, b: Strain) -> Bool { a.permille < b.permille }
}
