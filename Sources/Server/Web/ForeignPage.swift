import WireProtocol

extension Request {
  /// A browser sent it for a page of another origin (RFC 6454 §7).
  ///
  /// Any page on the web may make a browser POST to a server on its user's own machine. Where a token is asked for,
  /// it cannot know it; where none is needed, this is what keeps it out.
  var isOfForeignPage: Bool {
    guard let origin = fields["Origin"] else { return false }
    guard let start = origin.firstRange(of: "://"), let host = fields["Host"] else { return true }
    return origin[start.upperBound...].lowercased() != host.lowercased()
  }
}
