import type { Redis } from 'ioredis';
import type { BusKeys } from './keys.ts';
import { loadScript } from './script.ts';

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

const FATES = loadScript('./fates.lua');
/** A long script would hold up every other client of Redis. */
const CHUNK = 1_000;

/** @returns the fates of log numbers, in their order: a question to the bus for each thousand, none to the database */
export async function fatesOf(
  redis: Redis,
  keys: BusKeys,
  group: string,
  positions: readonly number[],
): Promise<Fate[]> {
  const own = [
    keys.counter,
    keys.progress(group),
    keys.settled(group),
    keys.gaps(group),
    keys.deadByPosition(group),
  ];
  const fates: Fate[] = [];
  for (let at = 0; at < positions.length; at += CHUNK) {
    const replies = (await FATES(redis, own, positions.slice(at, at + CHUNK))) as (
      number | string
    )[]; // as fates.lua returns
    for (const reply of replies) fates.push(toFate(reply));
  }
  return fates;
}

const KINDS = ['waiting', 'applied', 'lost', 'unknown'] as const;

function toFate(reply: number | string): Fate {
  if (typeof reply === 'string') return { kind: 'dead', letter: reply };
  const kind = KINDS[reply];
  if (kind === undefined) throw new Error(`fates.lua answered ${reply}.`);
  return { kind };
}
