-- Finds log numbers that a group can never see any more, because their entries were trimmed or deleted, notes them as lost, and
-- counts them as settled. Within a stream log numbers only grow, so everything below the first waiting entry of every stream that
-- is not settled is lost.
--
-- KEYS: 1 counter n, 2 progress, 3 bitmap of settled log numbers, 4 gaps, 5… streams
-- ARGV: 1 group, 2 now (ms)
-- Returns {from, to}… of what was found lost this time.
local group = ARGV[1]
local counter = tonumber(redis.call('GET', KEYS[1]) or '0')
local base = tonumber(redis.call('HGET', KEYS[2], 'base') or '0')
local frontier = tonumber(redis.call('HGET', KEYS[2], 'frontier') or '0')
if frontier >= counter then return {} end

local function number(entry)
  for at = 1, #entry[2], 2 do
    if entry[2][at] == 'n' then return tonumber(entry[2][at + 1]) end
  end
end

local bound = counter + 1
for at = 5, #KEYS do
  if redis.call('EXISTS', KEYS[at]) == 1 then
    local delivered
    for _, fields in ipairs(redis.call('XINFO', 'GROUPS', KEYS[at])) do
      local facts = {}
      for field = 1, #fields, 2 do facts[fields[field]] = fields[field + 1] end
      if facts['name'] == group then delivered = facts['last-delivered-id'] end
    end
    local waiting = { redis.call('XRANGE', KEYS[at], delivered and '(' .. delivered or '-', '+', 'COUNT', 1)[1] }
    local pending = delivered and redis.call('XPENDING', KEYS[at], group, '-', '+', 1)[1]
    if pending then
      local entry = redis.call('XRANGE', KEYS[at], pending[1], pending[1])[1]
      if not entry then return {} end -- trimmed while pending: whoever holds it may still settle it
      waiting[#waiting + 1] = entry
    end
    for _, entry in pairs(waiting) do
      local n = number(entry)
      if not n or n > counter then return {} end -- not from us: it says nothing about what waits behind it
      bound = math.min(bound, n)
    end
  end
end

local found = {}
local count = 0
redis.call('SETBIT', KEYS[3], 0, 1)
for n = frontier + 1, math.min(bound - 1, frontier + 200000, base + 4e9) do
  if redis.call('GETBIT', KEYS[3], n - base) == 0 then
    redis.call('SETBIT', KEYS[3], n - base, 1)
    count = count + 1
    local last = found[#found]
    if last and last[2] == n - 1 then last[2] = n else found[#found + 1] = { n, n } end
  end
  frontier = n
end
if count == 0 then return {} end
for _, run in ipairs(found) do
  redis.call('RPUSH', KEYS[4], cjson.encode({ from = run[1], to = run[2], at = tonumber(ARGV[2]) }))
end
redis.call('LTRIM', KEYS[4], -1000, -1)
redis.call('HINCRBY', KEYS[2], 'lost', count)
frontier = base + redis.call('BITPOS', KEYS[3], 0, math.floor((frontier - base) / 8)) - 1
redis.call('HSET', KEYS[2], 'frontier', frontier)
return found
