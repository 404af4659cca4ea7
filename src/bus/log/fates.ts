import type { Redis } from '../redis.ts';
import type { DeadLetterArchive } from '../../model/dead-letters.ts';
import type { BusKeys } from '../keys.ts';
import { loadScript } from '../script.ts';

/** What became of a log number, as far as the bus knows. */
export type Fate =
  /** Not settled yet, or never given out. */
  | { readonly kind: 'waiting' }
  /** In the graph; as itself, or as another copy of the same event. */
  | { readonly kind: 'applied' }
  /** Trimmed or deleted before a writer had read it. */
  | { readonly kind: 'lost' }
  /** Redis has lost that number, and the counter was mended since: only the graph knows. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'dead'; readonly letter: string };

const FATES = loadScript('fates.lua');
/** A long script would hold up every other client of Redis. */
const CHUNK = 1_000;
const ARCHIVED = 4; // as fates.lua returns

export type Fates = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly group: string;
  readonly archive?: DeadLetterArchive;
};

/**
 * @returns the fates of log numbers, in their order: a question to the bus for each thousand, and one to the archive about those that are
 *   so old that it may hold them
 */
export async function fatesOf(
  { redis, keys, group, archive }: Fates,
  positions: readonly number[],
): Promise<Fate[]> {
  const own = [
    keys.counter,
    keys.progress(group),
    keys.settled(group),
    keys.gaps(group),
    keys.deadByPosition(group),
    keys.deadArchive,
  ];
  const fates: Fate[] = [];
  for (let at = 0; at < positions.length; at += CHUNK) {
    const replies = (await FATES(redis, own, positions.slice(at, at + CHUNK))) as (
      number | string
    )[]; // as fates.lua returns
    const old = positions.slice(at, at + CHUNK).filter((_, index) => replies[index] === ARCHIVED);
    const letters = old.length === 0 ? undefined : await archive?.byPositions(group, old);
    for (const [index, reply] of replies.entries()) {
      const letter = letters?.get(positions[at + index] ?? 0);
      fates.push(letter === undefined ? toFate(reply) : { kind: 'dead', letter });
    }
  }
  return fates;
}

/** What is not in the archive was applied. */
const KINDS = ['waiting', 'applied', 'lost', 'unknown', 'applied'] as const;

function toFate(reply: number | string): Fate {
  if (typeof reply === 'string') return { kind: 'dead', letter: reply };
  const kind = KINDS[reply];
  if (kind === undefined) throw new Error(`fates.lua answered ${reply}.`);
  return { kind };
}
