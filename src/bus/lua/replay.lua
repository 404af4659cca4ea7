-- Publishes the event of a dead letter again, as it was received, under a new log number, once, for the group that could not
-- process it: the others have settled it long ago and pass over this entry.
--
-- KEYS: 1 dead letters, 2 marks, 3 counter n, 4 seen (new generation), 5 seen (old generation), 6 stream
-- ARGV: 1 id of the dead letter, 2 now (ms), 3 floor (as in append.lua), 4 hash of the identity (empty: unknown, or receipts do not
--       speak of this group), and as the archive has them, for a letter that is not here any more: 5 accepted at (ms), 6 hash of the
--       content (empty: unknown), 7 the event, 8 the group
-- Returns {kind, n or mark}: 0 published, 1 replayed before (mark), 2 published from what was given.
local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
local mark = redis.call('HGET', KEYS[2], ARGV[1])
if mark and cjson.decode(mark).state == 'replayed' then return { 1, mark } end
local n = tonumber(redis.call('GET', KEYS[3]) or '0')
if n < tonumber(ARGV[3]) then return redis.error_reply('REWOUND ' .. n) end

local facts = {}
if letter then
  for at = 1, #letter[2], 2 do facts[letter[2][at]] = letter[2][at + 1] end
else
  facts['acceptedAt'] = ARGV[5]
  if ARGV[6] ~= '' then facts['h'] = ARGV[6] end
  facts['e'] = ARGV[7]
  if ARGV[8] ~= '' then facts['group'] = ARGV[8] end
end
n = redis.call('INCR', KEYS[3])
-- the time of acceptance stays: what the event says may depend on it
local entry = { 'n', n, 'acceptedAt', facts['acceptedAt'] }
if facts['h'] then
  entry[#entry + 1] = 'h'
  entry[#entry + 1] = facts['h']
end
if facts['group'] then
  entry[#entry + 1] = 'for'
  entry[#entry + 1] = facts['group']
end
entry[#entry + 1] = 'e'
entry[#entry + 1] = facts['e']
redis.call('XADD', KEYS[6], '*', unpack(entry))
if ARGV[4] ~= '' and facts['h'] then
  local known = redis.call('HGET', KEYS[4], ARGV[4]) or redis.call('HGET', KEYS[5], ARGV[4])
  -- whoever sends it again learns of the position under which it is applied now
  if not known or string.sub(known, string.find(known, ':', 1, true) + 1) == facts['h'] then
    redis.call('HSET', KEYS[4], ARGV[4], n .. ':' .. facts['h'])
  end
end
if not letter then return { 2, n } end
redis.call('HSET', KEYS[2], ARGV[1], cjson.encode({ state = 'replayed', n = n, at = tonumber(ARGV[2]) }))
return { 0, n }
