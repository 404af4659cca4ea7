-- How far a group has come.
--
-- KEYS: 1 counter n, 2 progress, 3 bitmap of settled log numbers, 4… streams
-- ARGV: 1 group
-- Returns {n, frontier: everything up to it is settled, entries that wait, lost entries, those of them that an operator has taken
-- note of, acceptance time of the oldest entry that waits (empty: none)}.
local counter = tonumber(redis.call('GET', KEYS[1]) or '0')
local base = tonumber(redis.call('HGET', KEYS[2], 'base') or '0')
local frontier = tonumber(redis.call('HGET', KEYS[2], 'frontier') or '0')
local beyond = math.max(redis.call('BITCOUNT', KEYS[3]) - (frontier - base + 1), 0)
local waiting = math.max(counter - frontier - beyond, 0)
local oldest = ''

local function look(entry)
  if not entry then return end
  for at = 1, #entry[2], 2 do
    if entry[2][at] == 'acceptedAt' and (oldest == '' or (tonumber(entry[2][at + 1]) or oldest) < oldest) then
      oldest = tonumber(entry[2][at + 1]) or oldest
    end
  end
end

for at = 4, #KEYS do
  if waiting > 0 and redis.call('EXISTS', KEYS[at]) == 1 then
    local delivered
    for _, fields in ipairs(redis.call('XINFO', 'GROUPS', KEYS[at])) do
      local facts = {}
      for field = 1, #fields, 2 do facts[fields[field]] = fields[field + 1] end
      if facts['name'] == ARGV[1] then delivered = facts['last-delivered-id'] end
    end
    look(redis.call('XRANGE', KEYS[at], delivered and '(' .. delivered or '-', '+', 'COUNT', 1)[1])
    local pending = delivered and redis.call('XPENDING', KEYS[at], ARGV[1], '-', '+', 1)[1]
    if pending then look(redis.call('XRANGE', KEYS[at], pending[1], pending[1])[1]) end
  end
end
local lost = redis.call('HMGET', KEYS[2], 'lost', 'noted')
return { counter, frontier, waiting, tonumber(lost[1] or '0'), tonumber(lost[2] or '0'), oldest == '' and '' or string.format('%.0f', oldest) }
