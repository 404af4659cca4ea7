import type { Redis } from '../redis.ts';
import type { BusKeys } from '../keys.ts';

/**
 * Log numbers go on behind the floor. What Redis still has and no writer has settled goes on waiting; what became of the numbers that
 * it has lost only the graph knows. They are noted as a gap of unknown size, which counts as one lost event until an operator takes
 * note of it.
 *
 * KEYS: 1 counter n, 2 progress, 3 bitmap of settled log numbers, 4 gaps; ARGV: 1 floor, 2 now (ms)
 */
const REPAIR = `
local counter = tonumber(redis.call('GET', KEYS[1]) or '0')
local floor = tonumber(ARGV[1])
if counter >= floor then return 0 end
local base = tonumber(redis.call('HGET', KEYS[2], 'base') or '0')
local frontier = tonumber(redis.call('HGET', KEYS[2], 'frontier') or '0')
local from = counter + 1
if frontier >= counter then -- nothing waits
  base = floor - floor % 8
  frontier = floor
  from = base
  redis.call('DEL', KEYS[3])
end
redis.call('SETBIT', KEYS[3], 0, 1)
local at, last = from - base, floor - base
while at <= last do
  local bytes = at % 8 == 0 and math.floor((last - at + 1) / 8) or 0
  if bytes > 0 then
    redis.call('SETRANGE', KEYS[3], at / 8, string.rep('\\255', bytes))
    at = at + bytes * 8
  else
    redis.call('SETBIT', KEYS[3], at, 1)
    at = at + 1
  end
end
redis.call('SET', KEYS[1], string.format('%.0f', floor))
redis.call('HSET', KEYS[2], 'base', string.format('%.0f', base), 'frontier', string.format('%.0f', frontier))
redis.call('HINCRBY', KEYS[2], 'lost', 1)
redis.call('RPUSH', KEYS[4], cjson.encode({ from = counter + 1, to = floor, at = tonumber(ARGV[2]), rewound = true }))
return 1`;

/**
 * Mends a counter that is behind the graph (STREAM_REWOUND), after Redis was emptied or restored from an old copy.
 *
 * @param floor the greatest log number in the graph
 * @returns false where nothing was wrong
 */
export async function repairCounter(
  redis: Redis,
  keys: BusKeys,
  { group, floor, now }: { readonly group: string; readonly floor: number; readonly now: number },
): Promise<boolean> {
  const own = [keys.counter, keys.progress(group), keys.settled(group), keys.gaps(group)];
  return (await redis.eval(REPAIR, own.length, ...own, floor, now)) === 1;
}
