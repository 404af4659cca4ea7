import type { Redis } from 'ioredis';
import { messageOf, StemmaError } from '../errors.ts';
import type { BusKeys } from './keys.ts';

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

export async function registerStreams(
  redis: Redis,
  keys: BusKeys,
  group: string,
  streams: readonly string[],
): Promise<void> {
  await redis.sadd(keys.registered(group), ...streams);
}

/** Every group that was ever in use, with the time when it was last seen, ms since the epoch. */
export async function registeredGroups(redis: Redis, keys: BusKeys): Promise<Map<string, number>> {
  const seen = await redis.hgetall(keys.groups);
  return new Map(Object.entries(seen).map(([group, at]) => [group, Number(at)]));
}
