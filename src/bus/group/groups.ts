import type { Redis } from '../redis.ts';
import { messageOf, StemmaError } from '../../errors.ts';
import type { BusKeys } from '../keys.ts';

/**
 * Makes the consumer group of a stream where the stream is new. A stream that has vanished while the log has events is not made
 * again silently: entries would be lost without a word.
 *
 * @param expectExisting true where the log number counter or the graph shows that events were published before
 * @throws StemmaError STREAM_MISSING
 */
export async function ensureGroup(
  redis: Redis,
  stream: string,
  group: string,
  { expectExisting, recreate }: { readonly expectExisting: boolean; readonly recreate: boolean },
): Promise<void> {
  if ((await groupOf(redis, stream, group)) !== null) return;
  if (expectExisting && !recreate) {
    throw new StemmaError(
      'STREAM_MISSING',
      `The consumer group '${group}' of ${stream} is gone although events were published before: Redis has lost data. Start with --recreate to read what is left from the beginning.`,
    );
  }
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!messageOf(error).startsWith('BUSYGROUP')) throw error;
  }
}

export type GroupFacts = {
  readonly name: string;
  readonly pending: number;
  readonly lastDeliveredId: string;
};

/** The groups of a stream; null where the stream does not exist. */
export async function groupsOf(redis: Redis, stream: string): Promise<GroupFacts[] | null> {
  try {
    const rows = (await redis.xinfo('GROUPS', stream)) as (string | number)[][]; // list of flat field lists
    return rows.map((fields) => ({
      name: String(fields[fields.indexOf('name') + 1]),
      pending: Number(fields[fields.indexOf('pending') + 1]),
      lastDeliveredId: String(fields[fields.indexOf('last-delivered-id') + 1]),
    }));
  } catch (error) {
    if (messageOf(error).includes('no such key')) return null;
    throw error;
  }
}

export async function groupOf(
  redis: Redis,
  stream: string,
  group: string,
): Promise<GroupFacts | null> {
  const groups = await groupsOf(redis, stream);
  return groups?.find(({ name }) => name === group) ?? null;
}

/** The consumers of a group on a stream, and how much is pending for each. */
export async function consumersOf(
  redis: Redis,
  stream: string,
  group: string,
): Promise<{ name: string; pending: number; idleMs: number }[]> {
  const rows = (await redis.xinfo('CONSUMERS', stream, group)) as (string | number)[][]; // list of flat field lists
  return rows.map((fields) => ({
    name: String(fields[fields.indexOf('name') + 1]),
    pending: Number(fields[fields.indexOf('pending') + 1]),
    idleMs: Number(fields[fields.indexOf('idle') + 1]),
  }));
}

/** The streams that a group has ever read: their absence later is a loss, not a beginning. */
export async function registeredStreams(
  redis: Redis,
  keys: BusKeys,
  group: string,
): Promise<Set<string>> {
  return new Set(await redis.smembers(keys.registered(group)));
}

/** Notes what a group reads, and whether trimming waits for it. */
export async function registerGroup(
  redis: Redis,
  keys: BusKeys,
  { name, required }: { readonly name: string; readonly required: boolean },
  streams: readonly string[],
): Promise<void> {
  // nothing is written where nothing is new: a Redis that is full refuses it, and its consumers are to drain it
  const registered = await registeredStreams(redis, keys, name);
  const added = streams.filter((stream) => !registered.has(stream));
  if (added.length > 0) await redis.sadd(keys.registered(name), ...added);
  if (required && (await redis.sismember(keys.required, name)) === 0) {
    await redis.sadd(keys.required, name);
  }
}

/**
 * A group that joins a log later begins with what the streams still hold: what was trimmed before is not lost to it.
 *
 * KEYS: 1 counter n, 2 progress, 3 bitmap of settled log numbers, 4… streams
 */
const BEGIN = `
if redis.call('HEXISTS', KEYS[2], 'frontier') == 1 then return end
local first = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
for at = 4, #KEYS do
  local entry = redis.call('XRANGE', KEYS[at], '-', '+', 'COUNT', 1)[1]
  if entry then
    for field = 1, #entry[2], 2 do
      if entry[2][field] == 'n' then first = math.min(first, tonumber(entry[2][field + 1]) or first) end
    end
  end
end
redis.call('HSET', KEYS[2], 'base', first - 1, 'frontier', first - 1)
redis.call('SETBIT', KEYS[3], 0, 1)`;

export async function beginGroup(redis: Redis, keys: BusKeys, group: string): Promise<void> {
  const own = [keys.counter, keys.progress(group), keys.settled(group), ...keys.streams];
  await redis.eval(BEGIN, own.length, ...own);
}

/** Groups that trimming waits for, for as long as it takes. */
export async function requiredGroups(redis: Redis, keys: BusKeys): Promise<string[]> {
  return redis.smembers(keys.required);
}

/** Every group that was ever in use, with the time when it was last seen, ms since the epoch. */
export async function registeredGroups(redis: Redis, keys: BusKeys): Promise<Map<string, number>> {
  const seen = await redis.hgetall(keys.groups);
  return new Map(Object.entries(seen).map(([group, at]) => [group, Number(at)]));
}

/** Every group that was ever in use, or that some stream has, by name. */
export async function knownGroups(redis: Redis, keys: BusKeys): Promise<string[]> {
  const names = new Set((await registeredGroups(redis, keys)).keys());
  for (const stream of keys.streams) {
    for (const { name } of (await groupsOf(redis, stream)) ?? []) names.add(name);
  }
  return [...names].sort();
}
