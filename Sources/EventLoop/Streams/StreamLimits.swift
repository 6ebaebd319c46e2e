/// How much a table of streams may take.
public struct StreamLimits: Sendable {
  package var streams: Int
  /// Unsent bytes of one stream.
  package var output: Int
  /// Partial input and unsent output of all.
  package var memory: Int
  /// The owner's record of each stream, what those records share, and the owner's room: all in the same pages.
  package var companionBytes = 0
  package var commonsBytes = 0
  package var roomBytes = 0

  package init(streams: Int, output: Int = 4 << 20, memory: Int = 1 << 30) {
    self.streams = streams
    self.output = output
    self.memory = memory
  }
}
