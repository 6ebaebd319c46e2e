/// What a text means; how that looks is the terminal's and its theme's business.
package enum Style: UInt8, CaseIterable, Sendable {
  case normal, dim, title, heading, accent, good, warning, bad, selected, border, bar, key
}
