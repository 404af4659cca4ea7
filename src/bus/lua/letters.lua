-- Dead letters with what was decided about each, at one moment: between two commands a letter may move to the archive with its mark.
--
-- KEYS: 1 dead letters, 2 marks
-- ARGV: 1 XRANGE or XREVRANGE, 2 and 3 where to begin and to end, 4 at most so many
-- Returns {id, fields, mark or nil} for each.
local rows = redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3], 'COUNT', ARGV[4])
for _, row in ipairs(rows) do row[3] = redis.call('HGET', KEYS[2], row[1]) end
return rows
