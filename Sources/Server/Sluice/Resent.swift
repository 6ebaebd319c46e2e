import Bytes
import FleetState
import RedisClient

/// Entries that were sent again because nobody knew whether Redis had them: some of them stand in the stream twice.
///
/// A publisher's numbers only grow, but for those. Whoever has read what came before knows a copy by its number; one
/// who begins to read in the middle has to ask how far each publisher had come.
enum Resent {
  typealias Read = [(id: EntryID, fields: [(String, String)])]

  /// Bears no more than that it was sent again.
  static let field: StaticString = "r"
  private static let name = field.description

  /// Of each publisher whose first entry here was sent again, that one.
  static func openers(of read: Read) -> [BusEntry.Origin] {
    guard read.contains(where: { isResent($0.fields) }) else { return [] }
    var known: Set<String> = []
    return read.compactMap { _, fields in
      guard let head = fields.first(where: { $0.0 == BusEntry.headField.description })?.1,
        let origin = BusEntry(head.utf8.span)?.origin, origin.number > 0,
        known.insert(publisher(of: origin)).inserted
      else { return nil }
      return isResent(fields) ? origin : nil
    }
  }

  /// Asks how far these had come at `place`; in a failure nothing is known.
  static func ask(
    _ openers: [BusEntry.Origin], at place: EntryID, of key: String, _ redis: Redis,
    then completion: @escaping (Seen?) -> Void
  ) {
    redis.run(lastNumbers, keys: [key], ["\(place)"] + openers.map(publisher)) { answer in
      guard case .success(let value) = answer, value.elements.count == openers.count else {
        return completion(nil)
      }
      var seen = Seen()
      for (opener, number) in zip(openers, value.elements) {
        var last = opener
        last.number = UInt64(clamping: number.integer ?? 0)
        _ = seen.isNew(last)
      }
      completion(seen)
    }
  }

  private static func isResent(_ fields: [(String, String)]) -> Bool { fields.contains { $0.0 == name } }

  private static func publisher(of origin: BusEntry.Origin) -> String {
    "\(origin.host)/\(origin.slot)/\(origin.life)"
  }

  /// Key: the stream. Arguments: a place in it, publishers. Answers the highest number of each up to that place, 0
  /// without one: the numbers of those sent again, back to the first that was not. It looks back 10,000 entries at most.
  private static let lastNumbers = RedisScript(
    """
    local highest, open, left = {}, {}, 0
    for index = 2, #ARGV do
      highest[ARGV[index]], open[ARGV[index]], left = 0, true, left + 1
    end
    local place, rounds = ARGV[1], 0
    while left > 0 and rounds < 100 do
      local entries = redis.call('XREVRANGE', KEYS[1], place, '-', 'COUNT', 100)
      for _, entry in ipairs(entries) do
        local head, again
        for index = 1, #entry[2], 2 do
          if entry[2][index] == 'm' then head = entry[2][index + 1] end
          if entry[2][index] == 'r' then again = true end
        end
        local publisher, number = string.match(head or '', '^%S+ %S+ %S+ (%S+/%d+/%d+)/%d+/(%d+) ')
        number = tonumber(number)
        if publisher and number > 0 and open[publisher] then
          highest[publisher] = math.max(highest[publisher], number)
          if not again then open[publisher], left = nil, left - 1 end
        end
      end
      if #entries < 100 then break end
      place, rounds = '(' .. entries[#entries][1], rounds + 1
    end
    local answer = {}
    for index = 2, #ARGV do answer[index - 1] = highest[ARGV[index]] end
    return answer
    """)
}
