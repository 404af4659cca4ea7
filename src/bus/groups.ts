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
  const exists = await groupExists(redis, stream, group);
  if (exists) return;
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

async function groupExists(redis: Redis, stream: string, group: string): Promise<boolean> {
  try {
    const groups = (await redis.xinfo('GROUPS', stream)) as unknown[][]; // list of flat field lists
    return groups.some((fields) => fields[fields.indexOf('name') + 1] === group);
  } catch (error) {
    if (messageOf(error).includes('no such key')) return false;
    throw error;
  }
}

/** Names of consumers of a group on a stream with entries pending, and how many. */
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

/** True where anything was ever published on this bus. */
export async function hasPublished(redis: Redis, keys: BusKeys): Promise<boolean> {
  return (await redis.exists(keys.counter)) === 1;
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
