-- Sets when a delivery that waits is due again.
--
-- KEYS: 1 sorted set of ids by the time at which they are due, 2 hash of bodies by id, 3 hash of attempts by id
-- ARGV: 1 id, 2 when (ms), 3 attempts that do not count
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if ARGV[3] ~= '0' then redis.call('HINCRBY', KEYS[3], ARGV[1], -tonumber(ARGV[3])) end
return 1
