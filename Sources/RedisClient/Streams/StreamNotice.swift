package import FleetState

/// What streams of Redis cannot give who reads them.
package enum StreamNotice: Equatable, Sendable {
  /// Entries behind `after` may have been trimmed before they were read.
  case trimmed(stream: Int, after: EntryID, before: EntryID)
  /// Redis came back older than our place in it; reading goes on at `to`.
  case rewound(stream: Int, from: EntryID, to: EntryID)
  /// The streams' life has another name now (`nil`: none), so older offsets mean nothing.
  case epoch(Epoch?)
}
