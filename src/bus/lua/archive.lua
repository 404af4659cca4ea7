-- Removes dead letters that were archived, unless something was decided about them since.
--
-- KEYS: 1 dead letters, 2 marks, 3 what is archived, 4… letters by log number, of the groups
-- ARGV: for each letter: its id, its log number (empty: none), its mark as archived (empty: none), index of its group (1…)
-- Returns how many were removed. XDEL comes first: what Redis accepts when its memory is full lets the rest pass (settle.lua).
local removed = 0
for at = 1, #ARGV, 4 do
  local id, n, mark = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if (redis.call('HGET', KEYS[2], id) or '') == mark and redis.call('XDEL', KEYS[1], id) == 1 then
    removed = removed + 1
    redis.call('HDEL', KEYS[2], id)
    if n ~= '' then
      local byNumber = KEYS[3 + tonumber(ARGV[at + 3])]
      if redis.call('HGET', byNumber, n) == id then redis.call('HDEL', byNumber, n) end
      local through = tonumber(redis.call('HGET', KEYS[3], 'through') or '0')
      if tonumber(n) > through then redis.call('HSET', KEYS[3], 'through', n) end
    end
    if mark == '' then redis.call('HINCRBY', KEYS[3], 'open', 1) end
  end
end
return removed
