import type { Redis } from '../redis.ts';
import { parseEntry, type Entry, type LostEntry, type RawEntry } from '../log/entry.ts';
import { consumersOf } from './groups.ts';
import type { BusKeys } from '../keys.ts';
import { loadScript } from '../script.ts';

export type ClaimOptions = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly group: string;
  readonly name: string;
  readonly stream: string;
  readonly count: number;
  readonly claimIdleMs: number;
  /** Ids of entries that this consumer is working on. */
  readonly held: readonly string[];
};

const CLAIM = loadScript('claim.lua');
/** What was read by a connection that then broke must not wait for long, and nobody else has it. */
const AT_ONCE = 0;

/**
 * Takes entries over: of dead consumers and of reads whose answer was lost at once, of live consumers after `claimIdleMs`. That
 * two consumers may then work on the same entry is harmless: writing is idempotent.
 *
 * One script instead of XAUTOCLAIM, so that what was trimmed while it was pending is told by id on every version of Redis
 * (XAUTOCLAIM does that since 7.0), and so that nothing is claimed without being counted.
 */
export async function claimAbandoned(options: ClaimOptions): Promise<(Entry | LostEntry)[]> {
  const { redis, keys, group, name, stream, held } = options;
  let busyOthers = false;
  for (const consumer of await consumersOf(redis, stream, group)) {
    const alive =
      consumer.name === name || (await redis.exists(keys.heartbeat(group, consumer.name))) === 1;
    if (consumer.pending === 0) {
      if (!alive) await forgetConsumer(redis, stream, group, consumer.name);
      continue;
    }
    if (alive && consumer.name !== name) busyOthers = true;
    if (alive && (consumer.name !== name || consumer.pending <= held.length)) continue;
    const found = await claim(options, consumer.name, AT_ONCE);
    if (found.length > 0) return found;
  }
  return busyOthers ? claim(options, '', options.claimIdleMs) : [];
}

/** @param from a consumer; empty: anyone */
export async function claim(
  options: ClaimOptions,
  from: string,
  idleMs: number,
): Promise<(Entry | LostEntry)[]> {
  const { redis, keys, group, name, stream, count, held } = options;
  const [entries, lost] = (await CLAIM(
    redis,
    [stream, keys.attempts(group)],
    [group, name, from, idleMs, count, ...held],
  )) as [[string, string[], number][], string[]]; // as claim.lua returns
  return [
    ...entries.map(([id, fields, redeliveries]) => parseEntry(stream, [id, fields], redeliveries)),
    ...lost.map((id) => parseEntry(stream, [id, null] satisfies RawEntry)),
  ];
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
