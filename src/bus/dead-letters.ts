import type { Redis } from 'ioredis';
import { identityOf } from '../model/event.ts';
import { parseDeadLetter, type DeadLetter, type DeadLetterMark } from './dead-letter.ts';
import type { BusKeys } from './keys.ts';
import { identityHash, publishError } from './producer.ts';
import { loadScript } from './script.ts';

/** Null = any. Times in ms since the epoch, of the moment when the event became a dead letter. */
export type DeadLetterFilter = {
  readonly state: 'open' | 'replayed' | 'discarded' | null;
  readonly code: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly since: number | null;
  readonly until: number | null;
};

export type DeadLetterPage = {
  readonly items: readonly DeadLetter[];
  /** Where the next page begins; null where there is none. */
  readonly next: string | null;
};

export type ReplayOutcome =
  | { readonly id: string; readonly outcome: 'replayed'; readonly position: number }
  /** It had been replayed before. */
  | { readonly id: string; readonly outcome: 'already'; readonly position: number }
  /** An event of the same identity with other content was applied first: replaying cannot change that. */
  | { readonly id: string; readonly outcome: 'conflict' }
  | { readonly id: string; readonly outcome: 'missing' };

type Bus = { readonly redis: Redis; readonly keys: BusKeys };
/** With the group of which receipts speak: after a replay for it, whoever sends the event again hears of the new position. */
type BusOfReceipts = Bus & { readonly group: string };

const REPLAY = loadScript('./replay.lua');
/** Dead letters hold whole events: few at a time. */
const SCAN_COUNT = 100;

/** Dead letters that nothing was decided about yet. */
export async function countDeadLetters({ redis, keys }: Bus): Promise<number> {
  const [all, decided] = await Promise.all([redis.xlen(keys.dead), redis.hlen(keys.deadMarks)]);
  return Math.max(all - decided, 0);
}

/** Newest first; backwards, oldest first. */
export async function listDeadLetters(
  bus: Bus,
  filter: DeadLetterFilter,
  page: {
    readonly limit: number;
    /** Id; only what lies behind it. */
    readonly position: string | null;
    readonly backward?: boolean;
  },
): Promise<DeadLetterPage> {
  const items: DeadLetter[] = [];
  const oldest = filter.since === null ? '-' : String(filter.since);
  const newest = startOf(filter.until);
  let from = page.position === null ? null : `(${page.position}`;
  const scan = async () =>
    page.backward === true
      ? bus.redis.xrange(bus.keys.dead, from ?? oldest, newest, 'COUNT', SCAN_COUNT)
      : bus.redis.xrevrange(bus.keys.dead, from ?? newest, oldest, 'COUNT', SCAN_COUNT);
  for (;;) {
    const rows = await scan();
    for (const letter of await withMarks(bus, rows)) {
      if (!isWanted(letter, filter)) continue;
      if (items.length === page.limit) return { items, next: items.at(-1)?.id ?? null };
      items.push(letter);
    }
    const last = rows.at(-1)?.[0];
    if (last === undefined || rows.length < SCAN_COUNT) return { items, next: null };
    from = `(${last}`;
  }
}

export async function showDeadLetter(bus: Bus, id: string): Promise<DeadLetter | null> {
  if (!isId(id)) return null;
  const rows = await bus.redis.xrange(bus.keys.dead, id, id);
  return (await withMarks(bus, rows))[0] ?? null;
}

/**
 * Publishes events again, each once, under a new log number: after a fix they are applied as if they had come late. Only the group
 * that could not process an event gets it again.
 *
 * @param floor the greatest log number that is known to exist, as for a producer
 * @throws StemmaError STREAM_REWOUND, BACKPRESSURE
 */
export async function replayDeadLetters(
  bus: BusOfReceipts,
  ids: readonly string[],
  { now, floor }: { readonly now: number; readonly floor: number },
): Promise<ReplayOutcome[]> {
  const outcomes: ReplayOutcome[] = [];
  for (const id of ids) {
    const letter = await showDeadLetter(bus, id);
    if (letter === null) outcomes.push({ id, outcome: 'missing' });
    else if (letter.code === 'IDEMPOTENCY_CONFLICT') outcomes.push({ id, outcome: 'conflict' });
    else outcomes.push(await replay(bus, letter, now, floor));
  }
  return outcomes;
}

/**
 * Marks dead letters as decided; they stay to be seen.
 *
 * @returns the ids that were marked; the others are missing, or had been replayed or discarded before
 */
export async function discardDeadLetters(
  { redis, keys }: Bus,
  ids: readonly string[],
  { reason, now }: { readonly reason: string; readonly now: number },
): Promise<string[]> {
  const mark: DeadLetterMark = { state: 'discarded', reason, at: now };
  const marked: string[] = [];
  for (const id of ids.filter(isId)) {
    if ((await redis.xrange(keys.dead, id, id)).length === 0) continue;
    if ((await redis.hsetnx(keys.deadMarks, id, JSON.stringify(mark))) === 1) marked.push(id);
  }
  return marked;
}

async function replay(
  { redis, keys, group }: BusOfReceipts,
  letter: DeadLetter,
  now: number,
  floor: number,
): Promise<ReplayOutcome> {
  const { id, source, eventId, stream } = letter;
  const isOfReceipts = letter.group === '' || letter.group === group;
  const identity =
    !isOfReceipts || source === null || eventId === null
      ? ''
      : identityHash(identityOf({ source, id: eventId }));
  try {
    const [kind, result] = (await REPLAY(
      redis,
      [keys.dead, keys.deadMarks, keys.counter, ...keys.seen, stream],
      [id, now, floor, identity],
    )) as [number, number | string]; // as replay.lua returns
    if (kind === 0) return { id, outcome: 'replayed', position: Number(result) };
    if (kind === 2) return { id, outcome: 'missing' };
    const mark = JSON.parse(String(result)) as { n: number }; // written by replay.lua
    return { id, outcome: 'already', position: mark.n };
  } catch (error) {
    throw publishError(error);
  }
}

async function withMarks(
  { redis, keys }: Bus,
  rows: readonly [string, string[]][],
): Promise<DeadLetter[]> {
  if (rows.length === 0) return [];
  const marks = await redis.hmget(keys.deadMarks, ...rows.map(([id]) => id));
  return rows.map((row, at) => {
    const mark = marks[at];
    return parseDeadLetter(
      row,
      mark === null || mark === undefined ? null : (JSON.parse(mark) as DeadLetterMark), // written here and by replay.lua
    );
  });
}

function isWanted(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.state === null || filter.state === (letter.mark?.state ?? 'open')) &&
    (filter.code === null || filter.code === letter.code) &&
    (filter.type === null || filter.type === letter.type) &&
    (filter.source === null || filter.source === letter.source)
  );
}

/** Ids begin with the time at which they were made; without a sequence they stand for the whole millisecond. */
function startOf(until: number | null): string {
  return until === null ? '+' : String(until);
}

function isId(text: string): boolean {
  return /^\d{1,15}-\d{1,15}$/.test(text);
}
