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

function toFate(reply: number | string): Fate {
  if (typeof reply === 'string') return { kind: 'dead', letter: reply };
  if (reply === 0) return { kind: 'waiting' };
  return { kind: reply === 1 ? 'applied' : 'lost' };
}
