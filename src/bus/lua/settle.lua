-- Acknowledges entries of a group, moves the poisonous ones to the dead letters, notes their log numbers as settled and reports
-- them, as one step. Safe to repeat: whoever comes second changes nothing.
--
-- KEYS: 1 attempts, 2 progress, 3 bitmap of settled log numbers, 4 counter n, 5 dead letters, 6 dead letters by log number, 7… streams
-- ARGV: 1 group, 2 channel of reports, 3 report, 4 JSON {acks: ids for each stream, runs: from, to, from, to… of log numbers,
--       attempts: fields to forget}, 5 number of dead letters, then for each: index of its stream (1…), id, number of fields,
--       fields (the last value is the event, used where the entry itself has been trimmed)
-- Returns the number of entries that were pending until now.
--
-- The first write must be one that Redis accepts when its memory is full (XACK, XCLAIM): those behind it are then accepted too,
-- and consumers drain. The bit of log number n is n - base; base and the bits up to the frontier are settled.
local group = ARGV[1]
local work = cjson.decode(ARGV[4])
local acked = 0
for stream, ids in ipairs(work.acks) do
  for from = 1, #ids, 1000 do
    local part = { unpack(ids, from, math.min(from + 999, #ids)) }
    acked = acked + redis.call('XACK', KEYS[6 + stream], group, unpack(part))
  end
end

local at = 6
for _ = 1, tonumber(ARGV[5]) do
  local stream = KEYS[6 + tonumber(ARGV[at])]
  local id = ARGV[at + 1]
  local count = tonumber(ARGV[at + 2])
  if redis.call('XACK', stream, group, id) == 1 then
    acked = acked + 1
    local letter = { unpack(ARGV, at + 3, at + 2 + count) }
    local entry = redis.call('XRANGE', stream, id, id)[1]
    if entry then
      for field = 1, #entry[2], 2 do
        if entry[2][field] == 'e' then letter[count] = entry[2][field + 1] end -- the bytes as they came
      end
    end
    local letterId = redis.call('XADD', KEYS[5], '*', unpack(letter))
    for field = 1, count, 2 do
      if letter[field] == 'n' then redis.call('HSET', KEYS[6], letter[field + 1], letterId) end
    end
  end
  at = at + 3 + count
end

for from = 1, #work.attempts, 1000 do
  redis.call('HDEL', KEYS[1], unpack(work.attempts, from, math.min(from + 999, #work.attempts)))
end

if #work.runs > 0 then
  local counter = tonumber(redis.call('GET', KEYS[4]) or '0')
  local base = tonumber(redis.call('HGET', KEYS[2], 'base') or '0')
  redis.call('SETBIT', KEYS[3], 0, 1)
  for run = 1, #work.runs, 2 do
    for n = math.max(work.runs[run], base + 1), math.min(work.runs[run + 1], counter, base + 4e9) do
      redis.call('SETBIT', KEYS[3], n - base, 1)
    end
  end
  local frontier = tonumber(redis.call('HGET', KEYS[2], 'frontier') or '0')
  frontier = base + redis.call('BITPOS', KEYS[3], 0, math.floor((frontier - base) / 8)) - 1
  if frontier - base >= 1048576 then
    local whole = math.floor((frontier - base) / 8)
    redis.call('SET', KEYS[3], redis.call('GETRANGE', KEYS[3], whole, -1))
    base = base + whole * 8
    redis.call('HSET', KEYS[2], 'base', base)
  end
  redis.call('HSET', KEYS[2], 'frontier', frontier)
end

if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return acked
