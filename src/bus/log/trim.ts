import type { Redis } from '../redis.ts';
import { groupsOf, registeredGroups, registeredStreams, requiredGroups } from '../group/groups.ts';
import type { BusKeys } from '../keys.ts';

/** A group that is not required and was not seen for this long no longer holds back trimming: it resumes from the log in Neo4j. */
const STALE_MS = 24 * 60 * 60 * 1_000;

/** For each stream the id below which every registered group has acknowledged everything. */
export type TrimPlan = ReadonlyMap<string, string>;

/** Groups that no longer hold back trimming. */
export async function staleGroups(redis: Redis, keys: BusKeys, now: number): Promise<string[]> {
  const groups = await registeredGroups(redis, keys);
  const required = new Set(await requiredGroups(redis, keys));
  return [...groups]
    .filter(([group, seenAt]) => !required.has(group) && now - seenAt > STALE_MS)
    .map(([group]) => group);
}

/**
 * What may be trimmed. Only ids decide, never their age: the clock of Redis may jump.
 *
 * @param logWriter the group that writes events to the log: what it does not read is not trimmed
 */
export async function planTrim(
  redis: Redis,
  keys: BusKeys,
  logWriter: string,
  now: number,
): Promise<TrimPlan> {
  const stale = new Set(await staleGroups(redis, keys, now));
  const holding = new Map<string, string[]>();
  for (const group of (await registeredGroups(redis, keys)).keys()) {
    if (stale.has(group)) continue;
    for (const stream of await registeredStreams(redis, keys, group)) {
      holding.set(stream, [...(holding.get(stream) ?? []), group]);
    }
  }
  const plan = new Map<string, string>();
  for (const stream of keys.streams) {
    const groups = holding.get(stream) ?? [];
    if (!groups.includes(logWriter)) continue; // nobody writes these events to the log yet
    const below = await acknowledgedBelow(redis, stream, groups);
    if (below !== null) plan.set(stream, below);
  }
  return plan;
}

/** @returns how many entries were removed */
export async function trim(redis: Redis, plan: TrimPlan): Promise<number> {
  let removed = 0;
  for (const [stream, id] of plan) removed += await redis.xtrim(stream, 'MINID', id);
  return removed;
}

/** null where a group is missing: what it has seen is not known. */
async function acknowledgedBelow(
  redis: Redis,
  stream: string,
  wanted: readonly string[],
): Promise<string | null> {
  // in this order: what is delivered after the first answer is pending in the second
  const facts = await groupsOf(redis, stream);
  let lowest: string | null = null;
  for (const group of wanted) {
    const delivered = facts?.find(({ name }) => name === group)?.lastDeliveredId;
    if (delivered === undefined) return null;
    const [oldest] = (await redis.xpending(stream, group, '-', '+', 1)) as [string][]; // extended form
    const first = oldest?.[0] ?? after(delivered);
    const below = isBelow(first, after(delivered)) ? first : after(delivered);
    if (lowest === null || isBelow(below, lowest)) lowest = below;
  }
  return lowest;
}

function after(id: string): string {
  const [ms = '0', sequence = '0'] = id.split('-');
  return `${ms}-${BigInt(sequence) + 1n}`;
}

function isBelow(x: string, y: string): boolean {
  const [xMs = '0', xSequence = '0'] = x.split('-');
  const [yMs = '0', ySequence = '0'] = y.split('-');
  return xMs === yMs ? BigInt(xSequence) < BigInt(ySequence) : BigInt(xMs) < BigInt(yMs);
}
