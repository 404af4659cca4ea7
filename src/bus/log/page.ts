import type { Redis } from '../redis.ts';
import type { BusKeys } from '../keys.ts';
import { loadScript } from '../script.ts';
import { isLost, parseEntry, type Entry, type RawEntry } from './entry.ts';

/** Entries by ascending log number without a gap, as far as one read came; or that what follows the place was trimmed. */
export type BusPage =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[]; readonly through: number }
  | {
      readonly kind: 'trimmed';
      /** The smallest log number behind the place that is still there, or that will be. */
      readonly oldest: number;
    };

const PLACE = loadScript('place.lua');
/** Of each stream; an entry has up to 1 MiB. */
const COUNT = 100;

/** What the streams hold behind a log number, over all domains; waits for nothing. */
export async function readBusPage(redis: Redis, keys: BusKeys, after: number): Promise<BusPage> {
  const { streams } = keys;
  const [counter, first, ...ids] = (await PLACE(redis, [keys.counter, ...streams], [after])) as [
    number,
    number,
    ...string[],
  ]; // as place.lua returns
  if (after >= counter) return { kind: 'entries', entries: [], through: after };
  if (first !== after + 1) return { kind: 'trimmed', oldest: first === 0 ? counter + 1 : first };
  const pages = await Promise.all(
    streams.map(async (stream, at) => {
      const raw = await redis.xrange(stream, `(${ids[at] ?? '0-0'}`, '+', 'COUNT', COUNT);
      return raw.map((entry: RawEntry) => parseEntry(stream, entry));
    }),
  );
  const found = pages
    .flat()
    .filter((entry): entry is Entry => !isLost(entry) && Number.isSafeInteger(entry.n))
    .sort((x, y) => x.n - y.n);
  // a stream that has more than was read lacks the numbers that come next
  const gap = found.findIndex(({ n }, at) => n !== after + 1 + at);
  const entries = gap === -1 ? found : found.slice(0, gap);
  if (entries.length > 0) return { kind: 'entries', entries, through: after + entries.length };
  // trimmed between the two reads
  return { kind: 'trimmed', oldest: found[0]?.n ?? counter + 1 };
}
