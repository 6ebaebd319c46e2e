import RedisClient

/// What Redis does as one step about groups: `group:<name>` is the set of their members, `groups` the set of their
/// names, and each member's record names its groups. A group without members is none.
enum GroupScripts {
  /// Keys: record, group, groups, session. Arguments: id, name, most groups of a client, most members, most groups,
  /// patience in ms. Answers `joined`, `full` or `unknown`. The channels of its session count: its socket holds both.
  static let join = RedisScript(
    """
    local record, group, groups = KEYS[1], KEYS[2], KEYS[3]
    if redis.call('EXISTS', record) == 0 then return 'unknown' end
    local field = 'g:' .. ARGV[2]
    if redis.call('HEXISTS', record, field) == 0 then
      local known, count = {}, 0
      for _, key in ipairs({record, KEYS[4]}) do
        for _, name in ipairs(redis.call('HKEYS', key)) do
          if string.sub(name, 1, 2) == 'g:' and not known[name] then
            known[name] = true
            count = count + 1
          end
        end
      end
      if (not known[field] and count >= tonumber(ARGV[3])) or redis.call('SCARD', group) >= tonumber(ARGV[4])
        or (redis.call('EXISTS', group) == 0 and redis.call('SCARD', groups) >= tonumber(ARGV[5])) then
        return 'full'
      end
    end
    redis.call('HSET', record, field, '1')
    redis.call('SADD', group, ARGV[1])
    redis.call('SADD', groups, ARGV[2])
    redis.call('PEXPIRE', record, ARGV[6])
    redis.call('PEXPIRE', group, ARGV[6])
    return 'joined'
    """)

  /// Keys: record, group, groups. Arguments: id, name. Answers 1, or 0 for whom it has not as a member.
  static let leave = RedisScript(
    """
    local was = redis.call('SREM', KEYS[2], ARGV[1])
    redis.call('HDEL', KEYS[1], 'g:' .. ARGV[2])
    if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('SREM', KEYS[3], ARGV[2]) end
    return was
    """)

  /// The members, without those nobody knows any more. Keys: group, groups. Arguments: name, what begins the key of a
  /// record.
  static let members = RedisScript(
    """
    local members = {}
    for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
      if redis.call('EXISTS', ARGV[2] .. id) == 1 then
        members[#members + 1] = id
      else
        redis.call('SREM', KEYS[1], id)
      end
    end
    if #members == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end
    return members
    """)

  /// How many members there are, and how many sockets hold their names. Keys: group. Arguments: what begins the keys of
  /// records, sockets prefix.
  static let reach = RedisScript(
    RedisScript.liveHolder + """
      local members = redis.call('SMEMBERS', KEYS[1])
      local sockets = 0
      for _, id in ipairs(members) do
        if live(redis.call('HGET', ARGV[1] .. id, 'at'), ARGV[2]) then sockets = sockets + 1 end
      end
      return {#members, sockets}
      """)

  /// Every group with the number of its members. Keys: groups. Arguments: what begins the key of a group.
  static let all = RedisScript(
    """
    local groups = {}
    for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
      local count = redis.call('SCARD', ARGV[1] .. name)
      if count > 0 then
        groups[#groups + 1] = {name, count}
      else
        redis.call('SREM', KEYS[1], name)
      end
    end
    return groups
    """)
}
