import type { Redis } from '../redis.ts';
import { appliedMessage } from '../log/applied.ts';
import { deadLetterFields } from '../letters/dead-letter.ts';
import { attemptField, type Entry, type Settled } from '../log/entry.ts';
import type { BusKeys } from '../keys.ts';
import { loadScript } from '../script.ts';

export type Settlement = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly group: string;
};

const SETTLE = loadScript('settle.lua');

/**
 * Acknowledges, dead-letters, counts and reports entries in one step that may be repeated.
 *
 * @returns how many were still pending: the others had been settled by somebody else
 */
export async function settleEntries(
  { redis, keys, group }: Settlement,
  entries: readonly Entry[],
  settled: readonly Settled[],
  facts: {
    readonly firstAt: number;
    readonly lastAt: number;
    /** Fields of the attempts that are no longer needed. */
    readonly counted: readonly string[];
  },
): Promise<number> {
  const { firstAt, lastAt, counted } = facts;
  const streams = [...new Set(entries.map(({ stream }) => stream))];
  const acks: string[][] = streams.map(() => []);
  const dead: (string | number)[] = [];
  let letters = 0;
  entries.forEach((entry, at) => {
    const result = settled[at];
    const stream = streams.indexOf(entry.stream);
    if (result?.kind === 'dead') {
      const fields = deadLetterFields(entry, { ...result, firstAt, lastAt, group });
      dead.push(stream + 1, entry.id, fields.length, ...fields);
      letters += 1;
    } else {
      acks[stream]?.push(entry.id);
    }
  });
  const work = JSON.stringify({ acks, runs: runsOf(entries), attempts: counted });
  const report = appliedMessage(entries, settled);
  return call({ redis, keys, group }, streams, [report, work, letters, ...dead]);
}

/** Acknowledges entries of which nothing is left. */
export async function settleLost(
  settlement: Settlement,
  entries: readonly { readonly stream: string; readonly id: string }[],
): Promise<void> {
  const streams = [...new Set(entries.map(({ stream }) => stream))];
  const acks = streams.map((name) =>
    entries.filter(({ stream }) => stream === name).map(({ id }) => id),
  );
  const work = JSON.stringify({ acks, runs: [], attempts: entries.map(attemptField) });
  await call(settlement, streams, ['', work, 0]);
}

async function call(
  { redis, keys, group }: Settlement,
  streams: readonly string[],
  rest: readonly (string | number)[],
): Promise<number> {
  const own = [
    keys.attempts(group),
    keys.progress(group),
    keys.settled(group),
    keys.counter,
    keys.dead,
    keys.deadByPosition(group),
  ];
  return Number(await SETTLE(redis, [...own, ...streams], [group, keys.reports(group), ...rest]));
}

/** Log numbers as from, to, from, to…; what is not a log number is left out. */
function runsOf(entries: readonly Entry[]): number[] {
  const runs: number[] = [];
  const sorted = entries.map(({ n }) => n).sort((x, y) => x - y);
  for (const n of sorted) {
    if (!Number.isSafeInteger(n) || n < 1) continue;
    if (runs.at(-1) === n - 1) runs[runs.length - 1] = n;
    else runs.push(n, n);
  }
  return runs;
}
