import type { Redis } from 'ioredis';
import { attemptField, parseEntry, type Entry, type LostEntry, type RawEntry } from './entry.ts';
import { consumersOf } from './groups.ts';
import type { BusKeys } from './keys.ts';

export type ClaimOptions = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly group: string;
  readonly name: string;
  readonly stream: string;
  readonly count: number;
  readonly claimIdleMs?: number;
};

/** Idle time after which an entry is taken from a consumer that still shows signs of life. */
const CLAIM_IDLE_MS = 60_000;

/**
 * Takes entries over: of dead consumers at once, of live ones after `claimIdleMs`. That two consumers may then work on the same
 * entry is harmless: writing is idempotent. Each redelivery is counted durably before the entry is processed, because Redis'
 * own counts do not survive a restart.
 */
export async function claimAbandoned(
  redis: Redis,
  options: ClaimOptions,
): Promise<(Entry | LostEntry)[]> {
  const { keys, group, name, stream, count, claimIdleMs = CLAIM_IDLE_MS } = options;
  let raw: RawEntry[] = [];
  for (const consumer of await consumersOf(redis, stream, group)) {
    if (consumer.name === name || raw.length >= count) continue;
    const alive = (await redis.exists(keys.heartbeat(group, consumer.name))) === 1;
    if (consumer.pending === 0) {
      if (!alive) await forgetConsumer(redis, stream, group, consumer.name);
      continue;
    }
    if (!alive) raw = raw.concat(await claimOf(redis, options, consumer.name));
  }
  if (raw.length === 0) raw = await claimIdle(redis, options, claimIdleMs);
  if (raw.length === 0) return [];
  return countRedeliveries(redis, keys, group, stream, raw);
}

async function claimOf(redis: Redis, options: ClaimOptions, consumer: string): Promise<RawEntry[]> {
  const { group, name, stream, count } = options;
  const pending = (await redis.xpending(stream, group, '-', '+', count, consumer)) as [string][]; // extended form
  if (pending.length === 0) return [];
  const ids = pending.map(([id]) => id);
  const claimed = (await redis.xclaim(stream, group, name, 0, ...ids)) as RawEntry[]; // without JUSTID
  // trimmed entries are left out of the reply (Redis 7): they are lost, and must be told
  const present = new Set(claimed.map(([id]) => id));
  return [...claimed, ...ids.filter((id) => !present.has(id)).map((id): RawEntry => [id, null])];
}

async function claimIdle(redis: Redis, options: ClaimOptions, idleMs: number): Promise<RawEntry[]> {
  const { group, name, stream, count } = options;
  let cursor = '0-0';
  const found: RawEntry[] = [];
  do {
    // may return fewer entries than asked, or none, with a cursor that is not yet 0-0
    const [next, entries, deleted] = (await redis.xautoclaim(
      stream,
      group,
      name,
      idleMs,
      cursor,
      'COUNT',
      count,
    )) as [string, RawEntry[], string[] | undefined];
    found.push(...entries, ...(deleted ?? []).map((id): RawEntry => [id, null]));
    cursor = next;
  } while (cursor !== '0-0' && found.length < count);
  return found;
}

async function countRedeliveries(
  redis: Redis,
  keys: BusKeys,
  group: string,
  stream: string,
  raw: readonly RawEntry[],
): Promise<(Entry | LostEntry)[]> {
  const commands = redis.pipeline();
  for (const [id] of raw) commands.hincrby(keys.attempts(group), attemptField({ stream, id }), 1);
  const counts = (await commands.exec()) ?? [];
  return raw.map((entry, at) => parseEntry(stream, entry, Number(counts[at]?.[1] ?? 1)));
}

const FORGET = `
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local facts = {}
  for at = 1, #fields, 2 do facts[fields[at]] = fields[at + 1] end
  if facts['name'] == ARGV[2] and facts['pending'] == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
  end
end`;

/** Removes a consumer only while nothing is pending for it: DELCONSUMER would drop its entries for good. */
async function forgetConsumer(
  redis: Redis,
  stream: string,
  group: string,
  consumer: string,
): Promise<void> {
  await redis.eval(FORGET, 1, stream, group, consumer);
}
