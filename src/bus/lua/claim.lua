-- Takes entries over from other consumers of a group, and counts the first redelivery of each before it is processed. Later ones
-- are counted one by one when their turn comes: whoever shares the fate of a poisonous entry must not be blamed for it.
--
-- KEYS: 1 stream, 2 attempts
-- ARGV: 1 group, 2 who takes them, 3 from whom (empty: anyone), 4 least idle time (ms), 5 count, 6… ids that stay as they are
-- Returns {{id, fields, redeliveries}…, {ids of entries that were trimmed while pending}}.
local kept = {}
for at = 6, #ARGV do kept[ARGV[at]] = true end
local query = { 'XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[4], '-', '+', tonumber(ARGV[5]) + #ARGV - 5 }
if ARGV[3] ~= '' then query[#query + 1] = ARGV[3] end
local ids = {}
for _, pending in ipairs(redis.call(unpack(query))) do
  if not kept[pending[1]] and #ids < tonumber(ARGV[5]) then ids[#ids + 1] = pending[1] end
end
if #ids == 0 then return { {}, {} } end

-- without JUSTID; entries that are gone come back as nothing (6.2) or are left out (7.0), both without a hint at which they are
local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, unpack(ids))
local there = {}
for at = 1, #ids do
  if claimed[at] then there[claimed[at][1]] = claimed[at][2] end
end
local entries, lost = {}, {}
for _, id in ipairs(ids) do
  if there[id] then
    local field = KEYS[1] .. ' ' .. id
    local before = tonumber(redis.call('HGET', KEYS[2], field) or '0')
    if before == 0 then redis.call('HINCRBY', KEYS[2], field, 1) end
    entries[#entries + 1] = { id, there[id], before + 1 }
  else
    lost[#lost + 1] = id
  end
end
return { entries, lost }
