import RedisClient

/// What Redis does as one step about clients. Their record `client:<id>` is a hash:
///
///     at     host/slot/life/connection of the socket that holds the name, while one does
///     to             the socket that may be holding it by now, of one that passes to another slot
///     since  peer    when that one came (milliseconds since 1970), and from where
///     g:<group>      for each group
///     d:<key>        user data as JSON text; `bytes` is what all of it takes
///
/// A record without holder, groups and data is none: strangers who come and go leave nothing behind.
enum ClientScripts {
  private static let isLive = RedisScript.liveHolder

  /// Deletes a record that says nothing any more; otherwise it stays for `patience` milliseconds.
  private static let settle = """
    local function settle(record, patience)
      if redis.call('HEXISTS', record, 'at') == 0 and redis.call('HEXISTS', record, 'bytes') == 0 then
        local kept = false
        for _, name in ipairs(redis.call('HKEYS', record)) do
          if string.sub(name, 1, 2) == 'g:' then kept = true end
        end
        if not kept then return redis.call('DEL', record) end
      end
      redis.call('PEXPIRE', record, patience)
    end

    """

  private static let groups = """
    local function groups(record)
      local names = {}
      for _, name in ipairs(redis.call('HKEYS', record)) do
        if string.sub(name, 1, 2) == 'g:' then names[#names + 1] = string.sub(name, 3) end
      end
      return names
    end

    """

  /// A socket takes the name. Keys: record, the token's nonce if it came with one. Arguments: at, since, peer, sockets
  /// prefix, patience in ms, own host, `full` or nothing, the token's seconds, what its worker lists of it.
  ///
  /// Answers `in`, its groups and whether it takes the place of a socket of its host; or `full`; or `used`.
  static let enter = RedisScript(
    isLive + groups + """
      local record, host = KEYS[1], ARGV[6]
      local at = redis.call('HGET', record, 'at')
      local replaces = at and at ~= ARGV[1] and string.sub(at, 1, #host + 1) == host .. '/' and live(at, ARGV[4])
      if ARGV[7] == 'full' and not replaces then return {'full'} end
      if KEYS[2] and not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[8]) then return {'used'} end
      redis.call('HSET', record, 'at', ARGV[1], 'since', ARGV[2], 'peer', ARGV[3])
      redis.call('HDEL', record, 'to')
      redis.call('PEXPIRE', record, ARGV[5])
      -- Listed before anybody can come after it, so that nobody takes it for gone.
      local _, slot, life, connection = string.match(ARGV[1], '^([^/]+)/(%d+)/(%d+)/(%d+)$')
      local list = ARGV[4] .. host .. ':' .. slot
      if redis.call('HGET', list, 'life') == life then redis.call('HSET', list, connection, ARGV[9]) end
      return {'in', groups(record), replaces and 1 or 0}
      """)

  /// A socket that Redis may not know of takes the name, unless a live one has it that came later. Keys: record.
  /// Arguments: at, since, peer, sockets prefix, patience in ms. Answers 0 when it has not, 2 when it has it from another;
  /// and the groups of one that Redis did not know of.
  static let introduce = RedisScript(
    isLive + groups + """
      local at, to = unpack(redis.call('HMGET', KEYS[1], 'at', 'to'))
      local isMine = at == ARGV[1] or to == ARGV[1]
      local isAnothers = at and not isMine and live(at, ARGV[4])
      local since = tonumber(redis.call('HGET', KEYS[1], 'since') or '0')
      if isAnothers and since >= tonumber(ARGV[2]) then return {0, {}} end
      if to == ARGV[1] or isAnothers then redis.call('HDEL', KEYS[1], 'to') end
      redis.call('HSET', KEYS[1], 'at', ARGV[1], 'since', ARGV[2], 'peer', ARGV[3])
      redis.call('PEXPIRE', KEYS[1], ARGV[5])
      return {isAnothers and 2 or 1, isMine and {} or groups(KEYS[1])}
      """)

  /// A socket lets go of the name, unless somebody else has it by now. Keys: record. Arguments: at, patience in ms,
  /// sockets prefix.
  static let leave = RedisScript(
    settle + """
      local host, slot, _, connection = string.match(ARGV[1], '^([^/]+)/(%d+)/(%d+)/(%d+)$')
      redis.call('HDEL', ARGV[3] .. host .. ':' .. slot, connection)
      local at, to = unpack(redis.call('HMGET', KEYS[1], 'at', 'to'))
      if at ~= ARGV[1] and to ~= ARGV[1] then return 0 end
      redis.call('HDEL', KEYS[1], 'at', 'to', 'since', 'peer')
      settle(KEYS[1], ARGV[2])
      return 1
      """)

  /// Those who are here keep their records, and with them their groups. Keys: records. Arguments: patience in ms,
  /// group prefix.
  static let renew = RedisScript(
    """
    for _, record in ipairs(KEYS) do
      if redis.call('PEXPIRE', record, ARGV[1]) == 1 then
        for _, name in ipairs(redis.call('HKEYS', record)) do
          if string.sub(name, 1, 2) == 'g:' then
            redis.call('PEXPIRE', ARGV[2] .. string.sub(name, 3), ARGV[1])
          end
        end
      end
    end
    """)

  /// Who holds the name: `host/slot/life/connection`, or nothing. Keys: record. Arguments: sockets prefix.
  static let locate = RedisScript(
    isLive + """
      local at = redis.call('HGET', KEYS[1], 'at')
      return live(at, ARGV[1]) and at or ''
      """)

  /// The whole record and its live holder, or nothing. Keys: record. Arguments: sockets prefix.
  static let describe = RedisScript(
    isLive + """
      local fields = redis.call('HGETALL', KEYS[1])
      if #fields == 0 then return false end
      local at = redis.call('HGET', KEYS[1], 'at')
      return {live(at, ARGV[1]) and at or '', fields}
      """)

  /// Keys: record. Arguments: field, value, most bytes, patience in ms, `any` if there need be no record yet. Answers the
  /// status `kept`, `full` or `unknown`. Done twice it is as done once.
  static let put = RedisScript(
    """
    local record, field, value = KEYS[1], ARGV[1], ARGV[2]
    if ARGV[5] ~= 'any' and redis.call('EXISTS', record) == 0 then return redis.status_reply('unknown') end
    local old = redis.call('HSTRLEN', record, field)
    local bytes = tonumber(redis.call('HGET', record, 'bytes') or '0') + #field + #value
    if old > 0 then bytes = bytes - #field - old end
    if bytes > tonumber(ARGV[3]) then return redis.status_reply('full') end
    redis.call('HSET', record, field, value, 'bytes', bytes)
    redis.call('PEXPIRE', record, ARGV[4])
    return redis.status_reply('kept')
    """)

  /// Keys: record. Arguments: field, patience in ms. Answers 1, or 0 where there was none.
  static let remove = RedisScript(
    settle + """
      local old = redis.call('HSTRLEN', KEYS[1], ARGV[1])
      if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
      if redis.call('HINCRBY', KEYS[1], 'bytes', -(#ARGV[1] + old)) <= 0 then
        redis.call('HDEL', KEYS[1], 'bytes')
      end
      settle(KEYS[1], ARGV[2])
      return 1
      """)

  /// Forgets a client. Keys: record, groups. Arguments: id, sockets prefix, group prefix. Answers who held the name,
  /// nothing if nobody did, or `unknown`.
  static let forget = RedisScript(
    isLive + """
      if redis.call('EXISTS', KEYS[1]) == 0 then return 'unknown' end
      local at = redis.call('HGET', KEYS[1], 'at')
      for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
        if string.sub(name, 1, 2) == 'g:' then
          local group = string.sub(name, 3)
          redis.call('SREM', ARGV[3] .. group, ARGV[1])
          if redis.call('EXISTS', ARGV[3] .. group) == 0 then redis.call('SREM', KEYS[2], group) end
        end
      end
      redis.call('DEL', KEYS[1])
      return live(at, ARGV[2]) and at or ''
      """)
}
