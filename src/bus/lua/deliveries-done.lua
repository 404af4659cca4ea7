-- Takes a delivery out.
--
-- KEYS: 1 sorted set of ids by the time at which they are due, 2 hash of bodies by id, 3 hash of attempts by id, 4 bytes of all bodies
-- ARGV: 1 id
redis.call('DECRBY', KEYS[4], redis.call('HSTRLEN', KEYS[2], ARGV[1]))
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
