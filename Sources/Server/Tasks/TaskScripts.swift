/// What has to happen to a task in one step, or not at all.
///
/// Whether a worker may still change a task is told by the consumer group alone: the entry is pending, and pending
/// for it. Each change and what is told of it on the bus are one step, so a kill between any two commands tells of
/// nothing that is not so and leaves out nothing that is.
enum TaskScripts {
  /// Time is Redis' own, so that hosts whose clocks differ agree on what is due.
  private static let head = """
    local function now()
      local time = redis.call('TIME')
      return time[1] * 1000 + math.floor(time[2] / 1000)
    end
    local function whole(number) return string.format('%.0f', number) end
    local function tell(bus, from)
      for index = from, #ARGV, 2 do
        redis.call('XADD', bus, 'MAXLEN', '~', 20000, '*', 'm', ARGV[index], 'd', ARGV[index + 1])
      end
    end
    local function write(key, from, count)
      if count > 0 then redis.call('HSET', key, unpack(ARGV, from, from + count - 1)) end
    end
    local function queue(stream, id, attempt, client)
      redis.call('XADD', stream, '*', 'task', id, 'attempt', attempt, 'client', client)
    end
    local function defer(later, delay, id, attempt, client)
      redis.call('ZADD', later, whole(now() + delay), attempt .. ' ' .. id .. ' ' .. client)
    end
    local function holds(stream, entry, consumer)
      local pending = redis.call('XPENDING', stream, 'workers', entry, entry, 1)
      return #pending == 1 and pending[1][2] == consumer
    end
    local function drop(stream, entry)
      redis.call('XACK', stream, 'workers', entry)
      redis.call('XDEL', stream, entry)
    end

    """

  /// A new task, durable and told of; or the one that the same key has led to before.
  ///
  /// KEYS task, stream, later, all, key, bus · ARGV id, delay, most unfinished, `1` with a key, the key's life,
  /// client or nothing, how many words of the hash, these, then pairs for the bus.
  static let enqueue = Script(
    head + """
      if ARGV[4] == '1' then
        local known = redis.call('GET', KEYS[5])
        if known then return {'known', known} end
      end
      if redis.call('XLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then return {'full'} end
      local time = whole(now())
      local words = tonumber(ARGV[7])
      write(KEYS[1], 8, words)
      if tonumber(ARGV[2]) > 0 then
        defer(KEYS[3], ARGV[2], ARGV[1], '1', ARGV[6])
      else
        queue(KEYS[2], ARGV[1], '1', ARGV[6])
      end
      redis.call('ZADD', KEYS[4], time, ARGV[1])
      redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -10001)
      if ARGV[4] == '1' then redis.call('SET', KEYS[5], ARGV[1], 'PX', ARGV[5]) end
      tell(KEYS[6], 8 + words)
      return {'new', ARGV[1]}
      """)

  /// How a task stands, and up to where the bus has told of it.
  ///
  /// KEYS task, bus · ARGV the fields of the hash to tell.
  static let look = Script(
    """
    local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
    return {redis.call('HMGET', KEYS[1], unpack(ARGV)), last[1] and last[1][1] or '0-0'}
    """)

  /// A worker begins what it has been given: nothing if it is over, or another's.
  ///
  /// KEYS task, stream, bus · ARGV entry, consumer, attempt, time, then pairs for the bus.
  static let start = Script(
    head + """
      if not holds(KEYS[2], ARGV[1], ARGV[2]) then return {'lost'} end
      local status = redis.call('HGET', KEYS[1], 'status')
      if not status or status == 'done' or status == 'failed' then
        drop(KEYS[2], ARGV[1])
        return {'over'}
      end
      redis.call('HINCRBY', KEYS[1], 'runs', 1)
      local time = now()
      local lasts = redis.call('HGET', KEYS[1], 'lasts')
      if lasts then redis.call('HSETNX', KEYS[1], 'due', whole(time + lasts)) end
      if status ~= 'running' then
        redis.call('HSET', KEYS[1], 'status', 'running', 'attempt', ARGV[3], 'ts', ARGV[4], 'reason', '')
        tell(KEYS[3], 5)
      end
      return {'begun', whole(time), redis.call('HGETALL', KEYS[1])}
      """)

  /// How an attempt ended, with its effect if that is in Redis, too.
  ///
  /// KEYS task, stream, later, dead, bus · ARGV entry, consumer, id, what follows (`done`, `dead`, `later`, `back`),
  /// milliseconds until then or of its memory, the next attempt, client or nothing, head and payload of
  /// the effect or nothing twice, how many words of the hash, these, then pairs for the bus.
  static let settle = Script(
    head + """
      if not holds(KEYS[2], ARGV[1], ARGV[2]) then return 0 end
      if ARGV[8] ~= '' then
        redis.call('XADD', KEYS[5], 'MAXLEN', '~', 20000, '*', 'm', ARGV[8], 'd', ARGV[9], 't', ARGV[3])
      end
      local words = tonumber(ARGV[10])
      write(KEYS[1], 11, words)
      if ARGV[4] == 'later' then
        defer(KEYS[3], ARGV[5], ARGV[3], ARGV[6], ARGV[7])
      elseif ARGV[4] == 'back' then
        queue(KEYS[2], ARGV[3], ARGV[6], ARGV[7])
      else
        if ARGV[4] == 'dead' then redis.call('XADD', KEYS[4], 'MAXLEN', '~', 1000, '*', 'task', ARGV[3]) end
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
      end
      drop(KEYS[2], ARGV[1])
      tell(KEYS[5], 11 + words)
      return 1
      """)

  /// What is due joins the queue. Tells how long until the next, -1 for none, and how much is unfinished.
  ///
  /// KEYS later, stream · ARGV how many at most.
  static let promote = Script(
    head + """
      local time = now()
      local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', whole(time), 'LIMIT', 0, ARGV[1])
      for _, member in ipairs(due) do
        local attempt, id, client = string.match(member, '^(%d+) (%S+) (.*)$')
        redis.call('ZREM', KEYS[1], member)
        if id then queue(KEYS[2], id, attempt, client) end
      end
      local wait = -1
      local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
      if first[2] then wait = math.max(0, math.floor(first[2] - time)) end
      return {wait, redis.call('XLEN', KEYS[2]) + redis.call('ZCARD', KEYS[1])}
      """)

  /// Keeps a worker's hold of what it is at; tells which entries it has lost.
  ///
  /// KEYS stream · ARGV consumer, entries.
  static let renew = Script(
    head + """
      local lost = {}
      for index = 2, #ARGV do
        if holds(KEYS[1], ARGV[index], ARGV[1]) then
          redis.call('XCLAIM', KEYS[1], 'workers', ARGV[1], 0, ARGV[index], 'JUSTID')
        else
          lost[#lost + 1] = ARGV[index]
        end
      end
      return lost
      """)

  /// A worker that goes for good leaves no name behind, unless it leaves work.
  ///
  /// KEYS stream · ARGV group, consumer.
  static let retire = Script(
    """
    if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return 1
    """)
}
