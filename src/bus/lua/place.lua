-- Where to read on behind a log number, all of one moment.
--
-- KEYS: 1 counter n, 2… streams
-- ARGV: 1 log number; empty: the greatest
-- Returns {counter, smallest log number behind it that a stream holds (0: none), for each stream the id behind which to read}.
local counter = tonumber(redis.call('GET', KEYS[1]) or '0')
local after = tonumber(ARGV[1]) or counter
local first = 0

local function number(entry)
  for at = 1, #entry[2], 2 do
    if entry[2][at] == 'n' then return tonumber(entry[2][at + 1]) end
  end
end

-- The first entry from an id on that has a log number.
local function look(stream, from)
  while true do
    local entry = redis.call('XRANGE', stream, from, '+', 'COUNT', 1)[1]
    if not entry then return nil end
    local n = number(entry)
    if n then return n, entry[1] end
    from = '(' .. entry[1]
  end
end

local function milliseconds(id)
  return tonumber(string.sub(id, 1, string.find(id, '-', 1, true) - 1))
end

local reply = { counter, 0 }
for at = 2, #KEYS do
  local stream = KEYS[at]
  local place = '0-0'
  local n, id = look(stream, '-')
  if n and n <= after then
    -- log numbers only grow within a stream: from `low` on there is one that was passed, from `high` on none
    local low = milliseconds(id)
    local high = milliseconds(redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1][1]) + 1
    while high - low > 1 do
      local middle = math.floor((low + high) / 2)
      n = look(stream, string.format('%.0f-0', middle))
      if n and n <= after then low = middle else high = middle end
    end
    n, id = look(stream, string.format('%.0f-0', low))
    while n and n <= after do
      place = id
      n, id = look(stream, '(' .. id)
    end
  end
  if n and (first == 0 or n < first) then first = n end
  reply[#reply + 1] = place
end
reply[2] = first
return reply
