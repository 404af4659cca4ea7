-- Removes dead letters that were archived, unless something was decided about them since.
--
-- KEYS: 1 dead letters, 2 marks, 3 letters by log number, 4 what is archived
-- ARGV: for each letter: its id, its log number (empty: none), its mark as archived (empty: none)
-- Returns how many were removed. XDEL comes first: what Redis accepts when its memory is full lets the rest pass (settle.lua).
local removed = 0
for at = 1, #ARGV, 3 do
  local id, n, mark = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if (redis.call('HGET', KEYS[2], id) or '') == mark and redis.call('XDEL', KEYS[1], id) == 1 then
    removed = removed + 1
    redis.call('HDEL', KEYS[2], id)
    if n ~= '' then
      if redis.call('HGET', KEYS[3], n) == id then redis.call('HDEL', KEYS[3], n) end
      local through = tonumber(redis.call('HGET', KEYS[4], 'through') or '0')
      if tonumber(n) > through then redis.call('HSET', KEYS[4], 'through', n) end
    end
    if mark == '' then redis.call('HINCRBY', KEYS[4], 'open', 1) end
  end
end
return removed
