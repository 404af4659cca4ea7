import type { Redis } from '../redis.ts';
import { identityOf } from '../../model/event.ts';
import type {
  DeadLetter,
  DeadLetterArchive,
  DeadLetterMark,
  DeadLetterPage,
  DeadLetterPlace,
  DeadLetterPageRequest,
  DeadLetterQuery,
  LogStretch,
} from '../../model/dead-letters.ts';
import { parseDeadLetter } from './dead-letter.ts';
import type { BusKeys } from '../keys.ts';
import { identityHash, publishError } from '../log/producer.ts';
import { loadScript } from '../script.ts';

export type ReplayOutcome =
  | { readonly id: string; readonly outcome: 'replayed'; readonly position: number }
  /** It had been replayed before. */
  | { readonly id: string; readonly outcome: 'already'; readonly position: number }
  /** An event of the same identity with other content was applied first: replaying cannot change that. */
  | { readonly id: string; readonly outcome: 'conflict' }
  | { readonly id: string; readonly outcome: 'missing' };

export type DeadLetters = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  /** Left out: what is on the bus is all there is. */
  readonly archive?: DeadLetterArchive;
};
/** With the group of which receipts speak: after a replay for it, whoever sends the event again hears of the new position. */
export type DeadLettersOfReceipts = DeadLetters & { readonly group: string };

const LETTERS = loadScript('letters.lua');
const REPLAY = loadScript('replay.lua');
/** Dead letters hold whole events: few at a time. */
const SCAN_COUNT = 100;
/** Letters on the bus that are looked at for one page: a filter that finds little must not read them all at once. */
const SCAN_LIMIT = 1_000;

/** Dead letters that nothing was decided about yet. */
export async function countDeadLetters({ redis, keys }: DeadLetters): Promise<number> {
  const [all, decided, archived] = await Promise.all([
    redis.xlen(keys.dead),
    redis.hlen(keys.deadMarks),
    redis.hget(keys.deadArchive, 'open'),
  ]);
  return Math.max(all - decided, 0) + Math.max(Number(archived ?? 0), 0);
}

/**
 * Newest first; backwards, oldest first. What the archive holds is older than what the bus holds; while letters are moved, some are in
 * both: the bus is read first, and the archive for what lies beyond.
 */
export async function listDeadLetters(
  bus: DeadLetters,
  query: DeadLetterQuery,
  page: DeadLetterPageRequest,
): Promise<DeadLetterPage<DeadLetter>> {
  if (!page.backward) {
    const newer = await scanBus(bus, query, page);
    if (newer.next !== null || bus.archive === undefined) return newer;
    const left = page.limit - newer.items.length;
    // one more than is left tells whether there are more, and none is asked for where the bus has filled the page
    const older = await bus.archive.list(query, {
      ...{ limit: Math.max(left, 1), backward: false },
      position: newer.oldest ?? page.position,
    });
    if (left > 0) return { items: [...newer.items, ...older.items], next: older.next };
    const isMore = older.items.length > 0 || older.next !== null;
    return { items: newer.items, next: isMore ? (newer.items.at(-1)?.id ?? null) : null };
  }
  const newer = await scanBus(bus, query, page);
  if (bus.archive === undefined) return newer;
  const older = await bus.archive.list(query, page);
  const ids = new Set(older.items.map(({ id }) => id));
  const items = [...older.items, ...newer.items.filter(({ id }) => !ids.has(id))];
  // behind the place where the archive stopped, it may have more that comes before what the bus has
  const known = items.filter(({ id }) => older.next === null || !isBefore(older.next, id));
  if (known.length <= page.limit) return { items: known, next: older.next ?? newer.next };
  return { items: known.slice(0, page.limit), next: known[page.limit - 1]?.id ?? null };
}

type Scan = DeadLetterPage<DeadLetter> & {
  /** The last that was looked at. */
  readonly oldest: string | null;
};

async function scanBus(
  bus: DeadLetters,
  query: DeadLetterQuery,
  { limit, position, backward }: DeadLetterPageRequest,
): Promise<Scan> {
  const items: DeadLetter[] = [];
  const oldest = query.since === null ? '-' : String(query.since);
  const newest = startOf(query.until);
  let last = position;
  for (let scanned = 0; ; scanned += SCAN_COUNT) {
    if (scanned >= SCAN_LIMIT) return { items, next: last, oldest: last };
    const from = last === null ? null : `(${last}`;
    const letters = backward
      ? await readLetters(bus, 'XRANGE', from ?? oldest, newest, SCAN_COUNT)
      : await readLetters(bus, 'XREVRANGE', from ?? newest, oldest, SCAN_COUNT);
    for (const { letter } of letters) {
      if (!isWanted(letter, query)) continue;
      if (items.length === limit) {
        return { items, next: items.at(-1)?.id ?? null, oldest: letter.id };
      }
      items.push(letter);
    }
    last = letters.at(-1)?.letter.id ?? last;
    if (letters.length < SCAN_COUNT) return { items, next: null, oldest: last };
  }
}

export async function showDeadLetter(bus: DeadLetters, id: string): Promise<DeadLetter | null> {
  if (!isId(id)) return null;
  const [found] = await readLetters(bus, 'XRANGE', id, id, 1);
  return found?.letter ?? (await bus.archive?.get(id)) ?? null;
}

/**
 * Publishes events again, each once, under a new log number: after a fix they are applied as if they had come late. Only the group
 * that could not process an event gets it again.
 *
 * @param floor the greatest log number that is known to exist, as for a producer
 * @throws StemmaError STREAM_REWOUND, BACKPRESSURE
 */
export async function replayDeadLetters(
  bus: DeadLettersOfReceipts,
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
  { redis, keys, archive }: DeadLetters,
  ids: readonly string[],
  { reason, now }: { readonly reason: string; readonly now: number },
): Promise<string[]> {
  const mark: DeadLetterMark = { state: 'discarded', reason, at: now };
  const marked: string[] = [];
  for (const id of ids.filter(isId)) {
    // first the mark: it keeps the letter here (archive.lua)
    if ((await redis.hsetnx(keys.deadMarks, id, JSON.stringify(mark))) === 0) continue;
    if ((await redis.xrange(keys.dead, id, id)).length === 0) {
      await redis.hdel(keys.deadMarks, id);
      if ((await archive?.mark(id, mark)) !== true) continue;
      await redis.hincrby(keys.deadArchive, 'open', -1);
    }
    marked.push(id);
  }
  return marked;
}

async function replay(
  { redis, keys, archive, group }: DeadLettersOfReceipts,
  letter: DeadLetter,
  now: number,
  floor: number,
): Promise<ReplayOutcome> {
  const { id, source, eventId, stream, mark } = letter;
  if (mark?.state === 'replayed') return { id, outcome: 'already', position: mark.n };
  const isOfReceipts = letter.group === '' || letter.group === group;
  const identity =
    !isOfReceipts || source === null || eventId === null
      ? ''
      : identityHash(identityOf({ source, id: eventId }));
  // for a letter that the bus holds no longer
  const archived = [letter.acceptedAt, letter.contentHash ?? '', letter.text, letter.group];
  try {
    const [kind, result] = (await REPLAY(
      redis,
      [keys.dead, keys.deadMarks, keys.counter, ...keys.seen, stream],
      [id, now, floor, identity, ...archived],
    )) as [number, number | string]; // as replay.lua returns
    if (kind === 1) {
      const { n } = JSON.parse(String(result)) as { n: number }; // written by replay.lua
      return { id, outcome: 'already', position: n };
    }
    const position = Number(result);
    // marked afterwards: what is published twice for want of a mark is a duplicate, what is marked and not published would be lost
    if (kind === 2 && (await archive?.mark(id, { state: 'replayed', n: position, at: now }))) {
      if (mark === null) await redis.hincrby(keys.deadArchive, 'open', -1);
    }
    return { id, outcome: 'replayed', position };
  } catch (error) {
    throw publishError(error);
  }
}

/** Log numbers that are asked for one by one, rather than that all are read. */
const FEW = 1_000;

/** Dead letters of a group in a stretch of the log, in its order, wherever they are kept. */
export async function deadLettersBetween(
  { redis, keys, archive }: DeadLetters,
  group: string,
  { after, until, limit }: LogStretch,
): Promise<DeadLetterPlace[]> {
  const byNumber = keys.deadByPosition(group);
  const places = new Map<number, string>();
  if (until - after <= FEW) {
    const numbers = Array.from({ length: until - after }, (_, at) => after + at + 1);
    const ids = numbers.length === 0 ? [] : await redis.hmget(byNumber, ...numbers.map(String));
    ids.forEach((id, at) => {
      if (id !== null) places.set(after + at + 1, id);
    });
  } else {
    for (const [number, id] of Object.entries(await redis.hgetall(byNumber))) {
      const n = Number(number);
      if (n > after && n <= until) places.set(n, id);
    }
  }
  // afterwards: what was moved there in the meantime is found once more, and not missed
  const through = Number((await redis.hget(keys.deadArchive, 'through')) ?? 0);
  if (archive !== undefined && through > after) {
    for (const { n, id } of await archive.between(group, { after, until, limit })) {
      places.set(n, id);
    }
  }
  return [...places]
    .map(([n, id]) => ({ n, id }))
    .sort((x, y) => x.n - y.n)
    .slice(0, limit);
}

type MarkedLetter = {
  readonly letter: DeadLetter;
  /** As it is stored. */
  readonly mark: string | null;
};

/** Letters of the bus with what was decided about each, both of one moment. */
export async function readLetters(
  { redis, keys }: DeadLetters,
  command: 'XRANGE' | 'XREVRANGE',
  from: string,
  to: string,
  count: number,
): Promise<MarkedLetter[]> {
  const rows = await LETTERS(redis, [keys.dead, keys.deadMarks], [command, from, to, count]);
  return (rows as [id: string, fields: string[], mark: string | null][]).map(
    ([id, fields, mark]) => {
      const decided = mark === null ? null : (JSON.parse(mark) as DeadLetterMark); // written here and by replay.lua
      return { letter: parseDeadLetter([id, fields], decided), mark };
    },
  );
}

function isWanted(letter: DeadLetter, filter: DeadLetterQuery): boolean {
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

function isBefore(x: string, y: string): boolean {
  const [xMs = 0, xSequence = 0] = x.split('-').map(Number);
  const [yMs = 0, ySequence = 0] = y.split('-').map(Number);
  return xMs === yMs ? xSequence < ySequence : xMs < yMs;
}
