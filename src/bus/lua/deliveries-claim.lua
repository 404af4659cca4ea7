-- Takes deliveries that are due: each is due again after a while, should whoever takes it die.
--
-- KEYS: 1 sorted set of ids by the time at which they are due, 2 hash of bodies by id, 3 hash of attempts by id
-- ARGV: 1 now (ms), 2 at most so many, 3 for how long (ms)
-- Returns {body, which attempt this is}….
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local body = redis.call('HGET', KEYS[2], id)
  if body then
    redis.call('ZADD', KEYS[1], tonumber(ARGV[1]) + tonumber(ARGV[3]), id)
    taken[#taken + 1] = { body, redis.call('HINCRBY', KEYS[3], id, 1) }
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return taken
