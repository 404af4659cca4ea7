-- What became of log numbers, as far as the bus knows.
--
-- KEYS: 1 counter n, 2 progress, 3 bitmap of settled log numbers, 4 gaps, 5 letters by log number, 6 what is archived
-- ARGV: log numbers
-- Returns for each: 0 not settled yet, or never given out; 1 settled; 2 lost before it was read; 3 Redis has lost what became of it;
-- 4 settled, and whether as a dead letter only the archive knows; or the id of its dead letter.
local counter = tonumber(redis.call('GET', KEYS[1]) or '0')
local base = tonumber(redis.call('HGET', KEYS[2], 'base') or '0')
local archived = tonumber(redis.call('HGET', KEYS[6], 'through') or '0')
local gaps = {}
if tonumber(redis.call('HGET', KEYS[2], 'lost') or '0') > 0 then
  for _, gap in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do gaps[#gaps + 1] = cjson.decode(gap) end
end

local function gapAt(n)
  for _, gap in ipairs(gaps) do
    if gap.from <= n and n <= gap.to then return gap.rewound and 3 or 2 end
  end
end

local fates = {}
for at, text in ipairs(ARGV) do
  local n = tonumber(text)
  local letter = redis.call('HGET', KEYS[5], text)
  if letter then
    fates[at] = letter
  elseif n > counter or (n > base and redis.call('GETBIT', KEYS[3], n - base) == 0) then
    fates[at] = 0
  else
    fates[at] = gapAt(n) or (n <= archived and 4 or 1)
  end
end
return fates
