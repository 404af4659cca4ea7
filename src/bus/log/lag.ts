import type { Redis } from '../redis.ts';
import type { BusKeys } from '../keys.ts';
import { loadScript } from '../script.ts';

/** How far a group has come. */
export type Progress = {
  /** The greatest log number that was given out. */
  readonly position: number;
  /** Everything up to this log number is settled: applied, a duplicate, a dead letter, or known to be lost. */
  readonly through: number;
  /** Entries that are unread or not acknowledged. */
  readonly waiting: number;
  /** When the oldest of them was accepted, ms since the epoch. */
  readonly waitingSince: number | null;
  /** Entries that were trimmed or deleted before the group had settled them. */
  readonly lost: number;
  /** How many of the lost ones an operator has taken note of. */
  readonly noted: number;
};

/** From one log number to another, both included. */
export type Gap = { readonly from: number; readonly to: number };
export type RecordedGap = Gap & {
  /** When it was found, ms since the epoch. */
  readonly at: number;
  /** True where Redis itself was lost or restored: how much is missing behind `from` cannot be known. */
  readonly rewound?: boolean;
};

const PROGRESS = loadScript('progress.lua');
const GAPS = loadScript('gaps.lua');

export async function progressOf(redis: Redis, keys: BusKeys, group: string): Promise<Progress> {
  const reply = (await PROGRESS(
    redis,
    [keys.counter, keys.progress(group), keys.settled(group), ...keys.streams],
    [group],
  )) as [number, number, number, number, number, string]; // as progress.lua returns
  const [position, through, waiting, lost, noted, since] = reply;
  return { position, through, waiting, lost, noted, waitingSince: since === '' ? null : +since };
}

/** Looks for log numbers that the group can never see any more; each is found once, whoever looks. */
export async function findGaps(
  redis: Redis,
  keys: BusKeys,
  group: string,
  now: number,
): Promise<Gap[]> {
  const found = (await GAPS(
    redis,
    [keys.counter, keys.progress(group), keys.settled(group), keys.gaps(group), ...keys.streams],
    [group, now],
  )) as [number, number][]; // as gaps.lua returns
  return found.map(([from, to]) => ({ from, to }));
}

/** The latest thousand gaps, oldest first. */
export async function gapsOf(redis: Redis, keys: BusKeys, group: string): Promise<RecordedGap[]> {
  const rows = await redis.lrange(keys.gaps(group), 0, -1);
  return rows.map((row) => JSON.parse(row) as RecordedGap); // written by gaps.lua
}

/** An operator has taken note of what was lost so far: the service counts as ready again. */
export async function noteGaps(redis: Redis, keys: BusKeys, group: string): Promise<void> {
  const lost = (await redis.hget(keys.progress(group), 'lost')) ?? '0';
  await redis.hset(keys.progress(group), 'noted', lost);
}

/** Everything up to this log number is settled for a group. */
export async function frontierOf(redis: Redis, keys: BusKeys, group: string): Promise<number> {
  return Number((await redis.hget(keys.progress(group), 'frontier')) ?? 0);
}

/** The greatest log number that was given out. */
export async function greatestOf(redis: Redis, keys: BusKeys): Promise<number> {
  return Number((await redis.get(keys.counter)) ?? 0);
}
