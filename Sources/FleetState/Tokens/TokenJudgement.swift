import Bytes

/// What a token is worth to somebody who comes with it. That it is used only once is for Redis to say.
package enum TokenJudgement: String, Equatable, Sendable, CaseIterable {
  case valid
  case expired = "Token expired"
  case invalid = "Invalid token"
  case mismatch = "Token mismatch"

  /// Clocks of two hosts may differ by so much.
  package static let skew: Int64 = 60

  /// `isSigned` says, in constant time, whether one of the active keys has signed what it is given.
  ///
  /// A stranger learns only that it is no token of ours: age and owner are told of what we have signed.
  package init(
    _ token: ReconnectToken?, for client: ClientID, at now: Int64, lifetime: Duration,
    isSigned: (_ claims: Span<UInt8>, _ signature: [UInt8]) -> Bool
  ) {
    guard let token else {
      self = .invalid
      return
    }
    let claims = Array(token.claims.utf8)
    let age = now.subtractingReportingOverflow(token.issued)
    if !isSigned(claims.span, token.signature) || age.overflow || age.partialValue < -Self.skew {
      self = .invalid
    } else if age.partialValue >= lifetime.components.seconds {
      self = .expired
    } else if token.client != client {
      self = .mismatch
    } else {
      self = .valid
    }
  }
}
