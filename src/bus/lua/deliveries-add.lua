-- Adds deliveries that do not wait already, all of them or, where too many wait, none.
--
-- KEYS: 1 sorted set of ids by the time at which they are due, 2 hash of bodies by id, 3 hash of attempts by id
-- ARGV: 1 now (ms), 2 how many may wait, 3… id, body, …
-- Returns 1, or 0 where too many wait.
local waiting = redis.call('ZCARD', KEYS[1])
local new = 0
for at = 3, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[2], ARGV[at]) == 0 then new = new + 1 end
end
if new > 0 and waiting + new > tonumber(ARGV[2]) then return 0 end
for at = 3, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[2], ARGV[at], ARGV[at + 1]) == 1 then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[at])
  end
end
return 1
