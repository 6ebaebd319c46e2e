extension RedisScript {
  /// Lua that begins a script about clients: whether the socket in `at`, of a client's record, is listed by a worker
  /// that lives. `sockets` is what begins the lists' keys.
  package static let liveHolder = """
    local function live(at, sockets)
      local host, slot, life, connection = string.match(at or '', '^([^/]+)/(%d+)/(%d+)/(%d+)$')
      if not host then return false end
      local list = sockets .. host .. ':' .. slot
      return redis.call('HGET', list, 'life') == life and redis.call('HEXISTS', list, connection) == 1
    end

    """
}
