-- Adds deliveries that do not wait already, all of them or, where too much waits, none.
--
-- KEYS: 1 sorted set of ids by the time at which they are due, 2 hash of bodies by id, 3 hash of attempts by id, 4 bytes of all bodies
-- ARGV: 1 now (ms), 2 how many may wait, 3 how many bytes of them, 4… id, body, …
-- Returns 1, or 0 where too much waits.
local new, bytes = 0, 0
for at = 4, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[2], ARGV[at]) == 0 then
    new = new + 1
    bytes = bytes + #ARGV[at + 1]
  end
end
if new == 0 then return 1 end
local waiting = redis.call('ZCARD', KEYS[1])
local size = tonumber(redis.call('GET', KEYS[4]) or '0')
if waiting > 0 and (waiting + new > tonumber(ARGV[2]) or size + bytes > tonumber(ARGV[3])) then return 0 end
for at = 4, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[2], ARGV[at], ARGV[at + 1]) == 1 then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[at])
  end
end
redis.call('INCRBY', KEYS[4], bytes)
return 1
