-- Appends a batch of events and gives each its log number.
--
-- KEYS: 1 counter n, 2 seen (new generation), 3 seen (old generation), 4… the streams of all domains
-- ARGV: 1 accepted at (ms), 2 size of a generation of the seen identities, 3 floor: the greatest log number known to the caller,
--       then for each event: index of its stream (1…), hash of its identity, hash of its content, the event
-- Returns for each event {kind, n, first content hash}: kind 0 appended, 1 duplicate, 2 conflict.
-- Errors: REWOUND when the counter is behind the floor (Redis lost data): nothing is appended then.
local n = tonumber(redis.call('GET', KEYS[1]) or '0')
if n < tonumber(ARGV[3]) then
  return redis.error_reply('REWOUND ' .. n)
end
local generation = tonumber(ARGV[2])
local replies = {}
for at = 4, #ARGV, 4 do
  local identity = ARGV[at + 1]
  local content = ARGV[at + 2]
  local known = redis.call('HGET', KEYS[2], identity) or redis.call('HGET', KEYS[3], identity)
  if known then
    local split = string.find(known, ':', 1, true)
    local first = string.sub(known, split + 1)
    replies[#replies + 1] = { first == content and 1 or 2, tonumber(string.sub(known, 1, split - 1)), first }
  else
    n = redis.call('INCR', KEYS[1])
    redis.call('XADD', KEYS[3 + tonumber(ARGV[at])], '*', 'n', n, 'acceptedAt', ARGV[1], 'h', content, 'e', ARGV[at + 3])
    redis.call('HSET', KEYS[2], identity, n .. ':' .. content)
    replies[#replies + 1] = { 0, n, content }
  end
end
if redis.call('HLEN', KEYS[2]) >= generation then
  redis.call('RENAME', KEYS[2], KEYS[3])
end
return replies
