import type { Redis } from 'ioredis';
import type { BusKeys } from './keys.ts';

/**
 * Log numbers go on behind the floor, and the group does not look for those below it any more. What Redis has lost stays lost: it
 * is noted as a gap of unknown size, which counts as one lost event until an operator takes note of it.
 *
 * KEYS: 1 counter n, 2 progress, 3 bitmap of settled log numbers, 4 gaps; ARGV: 1 floor, 2 now (ms)
 */
const REPAIR = `
local counter = tonumber(redis.call('GET', KEYS[1]) or '0')
local floor = tonumber(ARGV[1])
if counter >= floor then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', floor))
local base = floor - floor % 8
redis.call('DEL', KEYS[3])
for n = base, floor do redis.call('SETBIT', KEYS[3], n - base, 1) end
redis.call('HSET', KEYS[2], 'base', string.format('%.0f', base), 'frontier', string.format('%.0f', floor))
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
